/** Moderators' decisions on the viewer's account: a banner for a suspension, a note on a hidden post, a link to appeal. */
import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { moderation } from '../api/moderation';
import type { ModerationReason, SubjectKind } from '../api/types';
import { profile } from '../auth/session';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { isBlank } from '../lib/blank';
import { useForm } from '../lib/use-form';
import { showToast } from '../state/toasts';
import { Dialog } from './dialog';
import { TextArea } from './fields';
import { Icon } from './icon';

export function StandingBanner() {
  const self = profile.value;
  if (!self?.suspended) return null;
  return (
    <section class="standing" role="status" aria-label={t('standing.suspended')}>
      <Icon name="alert" size={22} />
      <div>
        <p>
          <b>{t('standing.suspended')}</b>{' '}
          {t('standing.because', t(`moderation.reason.${self.suspended as ModerationReason}`))}
        </p>
        <p>{t('standing.suspendedHint')}</p>
        <AppealButton kind="person" subjectId={self.id} />
      </div>
    </section>
  );
}

export function HiddenNote({ postId, reason }: { postId: string; reason: string }) {
  return (
    <div class="standing standing-post">
      <Icon name="eyeOff" size={18} />
      <div>
        <p>
          <b>{t('standing.hidden')}</b> {t('standing.because', t(`moderation.reason.${reason as ModerationReason}`))}
        </p>
        <AppealButton kind="post" subjectId={postId} />
      </div>
    </div>
  );
}

function AppealButton({ kind, subjectId }: { kind: SubjectKind; subjectId: string }) {
  const open = useSignal(false);
  return (
    <>
      <button type="button" class="button button-small" onClick={() => (open.value = true)}>
        {t('standing.appeal')}
      </button>
      {open.value && <AppealDialog kind={kind} subjectId={subjectId} onClose={() => (open.value = false)} />}
    </>
  );
}

function AppealDialog({ kind, subjectId, onClose }: { kind: SubjectKind; subjectId: string; onClose: () => void }) {
  const [text, setText] = useState('');
  const form = useForm(async () => {
    await moderation.appeal({ kind, subjectId, text: text.trim() });
    onClose();
    showToast(t('standing.appealed'));
  }, errorMessage);
  return (
    <Dialog title={t('standing.appeal')} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        <p class="muted">{t('standing.appealHint')}</p>
        <TextArea label={t('standing.appealText')} maxLength={1000} value={text} onValue={setText} />
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={form.busy || isBlank(text)}>
            {t('standing.send')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
