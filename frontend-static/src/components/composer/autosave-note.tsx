import { t } from '../../i18n';
import type { AutosaveState } from '../../state/autosave';

/** Whether the draft is saved; nothing while there is none. */
export function AutosaveNote({ state }: { state: AutosaveState }) {
  const notes = {
    saving: t('drafts.saving'),
    saved: t('drafts.saved'),
    full: t('drafts.limitReached'),
    failed: t('drafts.failed'),
  };
  return (
    <p class={`autosave ${state === 'full' || state === 'failed' ? 'is-error' : 'muted'}`} role="status">
      {state !== 'idle' && (
        <>
          {notes[state]} <a href="/drafts">{t('drafts.title')}</a>
        </>
      )}
    </p>
  );
}
