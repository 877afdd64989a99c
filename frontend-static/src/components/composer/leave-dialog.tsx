/** Asks whether to keep or discard unsent content when the composer closes. */
import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { showError, showToast } from '../../state/toasts';
import { Dialog } from '../dialog';
import type { Leave } from './use-draft';

export async function keepDraft(keep: () => Promise<boolean>): Promise<boolean> {
  const kept = await keep();
  if (kept) showToast(t('drafts.saved'), { link: { href: '/drafts', label: t('drafts.title') } });
  else showToast(t('drafts.failed'), { kind: 'error' });
  return kept;
}

export function LeaveDialog({ leave, stay, close }: { leave: Leave; stay: () => void; close: () => void }) {
  const [busy, setBusy] = useState(false);
  const run = (action: () => Promise<unknown>) => async () => {
    setBusy(true);
    try {
      if ((await action()) === false) setBusy(false);
      else close();
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('drafts.leaveConfirm')} onClose={stay} className="dialog-small">
      {leave.keep && <p class="muted">{t('drafts.leaveConfirmHint')}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={stay}>
          {t('app.cancel')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void run(leave.discard)()}>
          {t('drafts.discard')}
        </button>
        {leave.keep && (
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void run(() => keepDraft(leave.keep!))()}>
            {t('drafts.keep')}
          </button>
        )}
      </div>
    </Dialog>
  );
}
