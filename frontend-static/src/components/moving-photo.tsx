import { useState } from 'preact/hooks';
import type { Media } from '../api/types';
import { t } from '../i18n';
import { Icon } from './icon';

/** Animated photos have a loop duration. */
export function isMoving(photo: Media): boolean {
  return photo.kind === 'photo' && Boolean(photo.durationMs && photo.url);
}

/** The badge of an animated photo, which starts and stops it. */
export function MotionBadge({ playing, toggle }: { playing: boolean; toggle: () => void }) {
  const label = t(playing ? 'post.stopMotion' : 'post.startMotion');
  return (
    <button type="button" class="motion-badge" aria-label={label} title={label} onClick={toggle}>
      <Icon name={playing ? 'pause' : 'play'} size={16} />
      <span aria-hidden="true">GIF</span>
    </button>
  );
}

/** A photo in full size. Opening an animated one starts it, unless the reader prefers reduced motion. */
export function WholePhoto({ photo, label, failed }: { photo: Media; label: string; failed: () => void }) {
  const [playing, setPlaying] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const still = isMoving(photo) && !playing;
  const source = still ? photo.thumbnailUrl : photo.url;
  return (
    <>
      <img src={source ?? photo.url ?? photo.thumbnailUrl ?? ''} alt={label} onError={failed} />
      {isMoving(photo) && <MotionBadge playing={playing} toggle={() => setPlaying(!playing)} />}
    </>
  );
}
