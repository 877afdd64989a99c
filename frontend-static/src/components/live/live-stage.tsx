import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Live } from '../../api/types';
import { t } from '../../i18n';
import { Viewing } from '../../live/viewing';
import { Avatar } from '../avatar';
import { Control } from '../call/call-controls';
import { Icon } from '../icon';
import { usePlayer } from './use-player';

interface Props {
  live: Live;
  viewing: Viewing;
  /** The host's view of a stream that another program sends: muted at first. */
  isOwn: boolean;
}

/** Receives the stream while it is mounted. */
export function LiveStage({ live, isOwn }: Omit<Props, 'viewing'>) {
  const [viewing, setViewing] = useState<Viewing | null>(null);
  useEffect(() => {
    const made = new Viewing(live.id);
    setViewing(made);
    return made.stop;
  }, [live.id]);
  if (!viewing) return <div class="live-stage" />;
  return <Stage key={live.id} live={live} viewing={viewing} isOwn={isOwn} />;
}

function Stage({ live, viewing, isOwn }: Props) {
  const stage = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const player = usePlayer(video, viewing.tracks.value, isOwn);
  const words = newsOf(live, viewing, player.hasPicture);
  return (
    <section ref={stage} class="live-stage" aria-label={t('live.hostedBy', live.host.displayName)}>
      {/* biome-ignore lint/a11y/useMediaCaption: live speech has no captions */}
      <video
        ref={video}
        class="live-video"
        hidden={!player.hasPicture}
        autoPlay
        playsInline
        aria-label={t('live.picture', live.host.displayName)}
      />
      {!player.hasPicture && (
        <div class="live-cover">
          <Avatar of={live.host} size={88} />
        </div>
      )}
      <div class="live-notices" role="status">
        {words && <p>{words}</p>}
      </div>
      {player.isSilenced && (
        <button type="button" class="live-unmute" onClick={() => player.setMuted(false)}>
          <Icon name="volumeOff" size={24} /> {t('live.unmute')}
        </button>
      )}
      <div class="live-controls" role="group" aria-label={t('live.controls')}>
        <Control
          icon={player.muted ? 'volumeOff' : 'volume'}
          label={player.muted ? t('live.soundOn') : t('live.soundOff')}
          pressed={player.muted}
          act={() => player.setMuted(!player.muted)}
        />
        <FullScreen stage={stage} video={video} />
      </div>
    </section>
  );
}

/** The problem to show; null while video is visible. */
function newsOf(live: Live, viewing: Viewing, hasPicture: boolean): string | null {
  if (live.interrupted) return t('live.interrupted');
  if (live.state === 'waiting') return t('live.soon');
  if (viewing.state.value === 'connecting') return t('live.connecting');
  if (viewing.state.value === 'reconnecting') return t('live.reconnecting');
  return hasPicture ? null : t('live.noPicture');
}

/** Safari on phones allows full screen for videos only. */
type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

function FullScreen({ stage, video }: { stage: RefObject<HTMLElement | null>; video: RefObject<PhoneVideo | null> }) {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const follow = () => setFull(document.fullscreenElement !== null && document.fullscreenElement === stage.current);
    document.addEventListener('fullscreenchange', follow);
    return () => document.removeEventListener('fullscreenchange', follow);
  }, []);
  const toggle = () => {
    if (isFull) void document.exitFullscreen();
    else if (document.fullscreenEnabled) void stage.current?.requestFullscreen().catch(() => undefined);
    else video.current?.webkitEnterFullscreen?.();
  };
  if (!document.fullscreenEnabled && !('webkitEnterFullscreen' in HTMLVideoElement.prototype)) return null;
  return (
    <Control
      icon="full"
      label={isFull ? t('live.fullscreenExit') : t('live.fullscreen')}
      pressed={isFull}
      act={toggle}
    />
  );
}
