import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { duration } from '../../lib/time';
import { showToast } from '../../state/toasts';
import { Icon } from '../icon';

const TYPES = ['audio/webm', 'audio/mp4', 'audio/ogg'];
const MAX_MS = 5 * 60_000;

/** Records a voice message and passes it on as a file attachment. */
export function VoiceRecorder({ onRecorded }: { onRecorded: (file: File) => void }) {
  const recorder = useRef<MediaRecorder | null>(null);
  const [since, setSince] = useState<number | null>(null);
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (since === null) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() - since > MAX_MS) recorder.current?.stop();
    }, 250);
    return () => clearInterval(timer);
  }, [since]);
  useEffect(() => () => cancel(), []);

  const start = async () => {
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (!type || !stream) return showToast(t('chat.micUnavailable'), { kind: 'error' });
    const made = new MediaRecorder(stream, { mimeType: type });
    const parts: Blob[] = [];
    made.ondataavailable = (event) => parts.push(event.data);
    made.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      setSince(null);
      if (recorder.current === made && parts.length)
        onRecorded(new File(parts, `voice.${type.split('/')[1]}`, { type }));
      recorder.current = null;
    };
    recorder.current = made;
    made.start();
    setNow(Date.now());
    setSince(Date.now());
  };
  const cancel = () => {
    const made = recorder.current;
    recorder.current = null;
    if (made?.state === 'recording') made.stop();
    setSince(null);
  };
  if (typeof MediaRecorder === 'undefined') return null;
  if (since === null)
    return (
      <button type="button" class="icon-button" aria-label={t('chat.record')} onClick={() => void start()}>
        <Icon name="mic" />
      </button>
    );
  return (
    <span class="recording" role="status" aria-label={t('chat.recording')}>
      <i aria-hidden="true" />
      <span aria-hidden="true">{duration(Math.max(0, now - since))}</span>
      <button type="button" class="icon-button" aria-label={t('chat.recordCancel')} onClick={cancel}>
        <Icon name="trash" size={18} />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={t('chat.recordStop')}
        onClick={() => recorder.current?.stop()}>
        <Icon name="check" size={18} />
      </button>
    </span>
  );
}
