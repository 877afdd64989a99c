import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { duration } from '../lib/time';
import { acceptCall, active, declineCall, hangUp, toggleCamera, toggleMute, type ActiveCall } from '../state/calls';
import { Avatar } from './avatar';
import { Icon } from './icon';

/** Everything of a call that is on the screen: ringing, connecting, talking. */
export function CallWindow() {
  const current = active.value;
  if (!current) return null;
  return current.phase === 'incoming' ? <Incoming current={current} /> : <Talking current={current} />;
}

function Incoming({ current }: { current: ActiveCall }) {
  const label = current.call.media === 'video' ? t('call.incomingVideo') : t('call.incomingAudio');
  const accept = useRef<HTMLButtonElement>(null);
  useEffect(() => accept.current?.focus(), []);
  return (
    <div class="incoming" role="alertdialog" aria-label={`${label}: ${current.other.displayName}`}>
      <span class="ringing"><Avatar of={current.other} size={56} /></span>
      <div class="incoming-words"><b>{current.other.displayName}</b><span class="muted">{label}</span></div>
      <button type="button" class="call-button is-hangup" aria-label={t('call.decline')} onClick={() => void declineCall()}><Icon name="hangup" /></button>
      <button type="button" ref={accept} class="call-button is-accept" aria-label={t('call.accept')} onClick={() => void acceptCall()}><Icon name="phone" /></button>
    </div>
  );
}

const PHASE = { calling: 'call.calling', connecting: 'call.connecting', reconnecting: 'call.reconnecting' } as const;

function Talking({ current }: { current: ActiveCall }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const video = current.call.media === 'video';
  const title = t('call.with', current.other.displayName);
  return (
    <dialog ref={ref} class={`call ${video ? 'call-video' : 'call-audio'}`} aria-label={title} onCancel={(event) => event.preventDefault()} data-phase={current.phase}>
      {video ? <Stream stream={current.remote} className="call-remote" /> : <Sound stream={current.remote} />}
      <div class="call-head">
        {(!video || !current.remote) && <span class={current.phase === 'calling' ? 'ringing' : ''}><Avatar of={current.other} size={112} /></span>}
        <h2>{current.other.displayName}</h2>
        <p role="status">{current.phase === 'connected' ? <Timer since={current.connectedAt ?? Date.now()} /> : t(PHASE[current.phase as keyof typeof PHASE])}</p>
      </div>
      {video && <Stream stream={current.local} className="call-local" muted label={t('call.you')} />}
      <div class="call-controls">
        <button type="button" class="call-button" aria-pressed={current.muted} aria-label={current.muted ? t('call.unmute') : t('call.mute')} onClick={toggleMute}><Icon name={current.muted ? 'micOff' : 'mic'} /></button>
        {video && <button type="button" class="call-button" aria-pressed={current.cameraOff} aria-label={current.cameraOff ? t('call.cameraOn') : t('call.cameraOff')} onClick={toggleCamera}><Icon name={current.cameraOff ? 'cameraOff' : 'film'} /></button>}
        <button type="button" class="call-button is-hangup" aria-label={t('call.hangup')} onClick={() => void hangUp()}><Icon name="hangup" /></button>
      </div>
    </dialog>
  );
}

function Stream({ stream, className, muted = false, label }: { stream: MediaStream | null; className: string; muted?: boolean; label?: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.srcObject = stream;
  }, [stream]);
  return <video ref={ref} class={className} autoPlay playsInline muted={muted} aria-label={label} />;
}

function Sound({ stream }: { stream: MediaStream | null }) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.srcObject = stream;
  }, [stream]);
  return <audio ref={ref} autoPlay />;
}

function Timer({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time>{duration(Math.max(0, now - since))}</time>;
}
