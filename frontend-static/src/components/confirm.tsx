import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { showError } from '../state/toasts';
import { Dialog } from './dialog';

interface Props {
  title: string;
  hint: string;
  action: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ title, hint, action, onConfirm, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} className="dialog-small">
      <p class="muted">{hint}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('app.cancel')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void confirm()}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
