import { useState } from 'preact/hooks';
import { deviceAdvice } from '../../calls/devices';
import { t } from '../../i18n';
import { type CallHindrance, callHindrance, placeCall } from '../../state/calls';
import { showError } from '../../state/toasts';
import { Dialog } from '../dialog';

/** No usable microphone: instructions and the possible ways to continue. */
export function CallHindranceDialog({ hindrance: { other, media, problem } }: { hindrance: CallHindrance }) {
  const [busy, setBusy] = useState(false);
  const call = (listenOnly: boolean) => {
    setBusy(true);
    void placeCall(other, media, listenOnly).catch(showError);
  };
  return (
    <Dialog title={t('call.noMicrophone')} onClose={() => (callHindrance.value = null)} className="dialog-small">
      <p>{deviceAdvice(problem, 'microphone')}</p>
      <p class="muted">{t('call.noMicrophoneHint')}</p>
      <div class="dialog-actions">
        <button type="button" class="button" disabled={busy} onClick={() => call(true)}>
          {t('call.callListening')}
        </button>
        <button type="button" class="button button-primary" disabled={busy} onClick={() => call(false)}>
          {t('call.retryDevices')}
        </button>
      </div>
    </Dialog>
  );
}
