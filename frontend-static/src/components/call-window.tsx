import { Component, type ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { deviceAdvice } from '../calls/devices';
import { t } from '../i18n';
import { duration } from '../lib/time';
import { type ActiveCall, activeCall, hangUp } from '../state/active-call';
import {
  acceptCall,
  callConflict,
  declineCall,
  endAndCallAgain,
  showCallWindow,
  toggleCamera,
  toggleMicrophone,
} from '../state/calls';
import { Avatar } from './avatar';
import { Confirm } from './confirm';
import { Icon } from './icon';

/** Everything of calls that is on the screen, whatever page is below it. */
export function CallWindow() {
  return (
    <HangsUpWhenBroken>
      <Current />
      <OtherCall />
    </HangsUpWhenBroken>
  );
}

/** A window that can't be drawn has no button to hang up with. */
class HangsUpWhenBroken extends Component<{ children: ComponentChildren }> {
  override componentDidCatch(error: unknown): void {
    console.error(error);
    void hangUp();
  }

  override render() {
    return this.props.children;
  }
}

function OtherCall() {
  const held = callConflict.value;
  if (!held) return null;
  return (
    <Confirm
      title={t('call.otherCall')}
      hint={t('call.otherCallHint')}
      action={t('call.endAndCall')}
      onConfirm={() => endAndCallAgain(held)}
      onClose={() => (callConflict.value = null)}
    />
  );
}

/** Ringing, connecting, talking. */
function Current() {
  const current = activeCall.value;
  if (!current) return null;
  return current.phase === 'incoming' ? <Incoming current={current} /> : <ActiveCallView current={current} />;
}

function Incoming({ current }: { current: ActiveCall }) {
  const label = current.call.media === 'video' ? t('call.incoming.video') : t('call.incoming.audio');
  const accept = useRef<HTMLButtonElement>(null);
  useEffect(() => accept.current?.focus(), []);
  return (
    <div class="incoming" role="alertdialog" aria-label={`${label}: ${current.other.displayName}`}>
      <span class="ringing">
        <Avatar of={current.other} size={56} />
      </span>
      <div class="incoming-words">
        <b>
          <bdi>{current.other.displayName}</bdi>
        </b>
        <span class="muted">{label}</span>
      </div>
      <button
        type="button"
        class="call-button is-hangup"
        aria-label={t('call.decline')}
        onClick={() => void declineCall()}>
        <Icon name="hangup" />
      </button>
      <button
        type="button"
        ref={accept}
        class="call-button is-accept"
        aria-label={t('call.accept')}
        onClick={() => void acceptCall()}>
        <Icon name="phone" />
      </button>
      {current.problem && (
        <p class="incoming-problem" role="alert">
          {deviceAdvice(current.problem, current.call.media)} {t('call.ringsOn')}
        </p>
      )}
    </div>
  );
}

const PHASE = { calling: 'call.calling', connecting: 'call.connecting', reconnecting: 'call.reconnecting' } as const;

/**
 * Nothing but "Hang up" closes the window of a call. A browser may close a dialog at the second Esc, whatever its
 * `cancel` event says (HTML, "close watcher"); `closedby` forbids it where it is known, elsewhere the window opens
 * again.
 */
const STAYS = { closedby: 'none' as const, onCancel: (event: Event) => event.preventDefault() };

function ActiveCallView({ current }: { current: ActiveCall }) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    const gone = showCallWindow();
    dialog?.showModal();
    return () => {
      gone();
      dialog?.close();
    };
  }, []);
  const video = current.call.media === 'video';
  const title = t('call.title', current.other.displayName);
  return (
    <dialog
      ref={ref}
      class={`call ${video ? 'call-video' : 'call-audio'}`}
      aria-label={title}
      data-phase={current.phase}
      {...STAYS}
      onClose={() => ref.current?.isConnected && !ref.current.open && ref.current.showModal()}>
      {video ? <Stream stream={current.remote} className="call-remote" /> : <Sound stream={current.remote} />}
      <div class="call-head">
        {(!video || !current.remote) && (
          <span class={current.phase === 'calling' ? 'ringing' : ''}>
            <Avatar of={current.other} size={112} />
          </span>
        )}
        <h2>
          <bdi>{current.other.displayName}</bdi>
        </h2>
        <p role="status">
          {current.phase === 'connected' ? (
            <Timer since={current.connectedAt ?? Date.now()} />
          ) : (
            t(PHASE[current.phase as keyof typeof PHASE])
          )}
        </p>
      </div>
      {video && <Stream stream={current.local} className="call-local" muted label={t('call.you')} />}
      <div class="call-controls">
        <button
          type="button"
          class="call-button"
          aria-pressed={current.muted}
          aria-label={current.muted ? t('call.unmute') : t('call.mute')}
          onClick={toggleMicrophone}>
          <Icon name={current.muted ? 'micOff' : 'mic'} />
        </button>
        {video && (
          <button
            type="button"
            class="call-button"
            aria-pressed={current.cameraOff}
            aria-label={current.cameraOff ? t('call.cameraOn') : t('call.cameraOff')}
            onClick={toggleCamera}>
            <Icon name={current.cameraOff ? 'cameraOff' : 'film'} />
          </button>
        )}
        <button type="button" class="call-button is-hangup" aria-label={t('call.hangup')} onClick={() => void hangUp()}>
          <Icon name="hangup" />
        </button>
      </div>
    </dialog>
  );
}

function Stream({
  stream,
  className,
  muted = false,
  label,
}: {
  stream: MediaStream | null;
  className: string;
  muted?: boolean;
  label?: string;
}) {
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
  // biome-ignore lint/a11y/useMediaCaption: live speech has no captions
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
