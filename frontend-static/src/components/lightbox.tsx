import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Media } from '../api/types';
import { t } from '../i18n';
import { useBack } from '../lib/use-back';
import { usePhotoGestures } from '../lib/use-photo-gestures';
import { CallStrip } from './call/call-strip';
import { Icon } from './icon';
import { WholePhoto } from './moving-photo';
import { Toasts } from './toasts';

/** Longer descriptions may have to be scrolled, so they are focusable for the keyboard. */
const LONG_ALT = 160;

interface Props {
  photos: Media[];
  start: number;
  failed: (photo: Media) => void;
  onClose: () => void;
  /** Actions of the post to which the photos belong. */
  actions?: ComponentChildren;
}

/**
 * Full-screen photos. Arrow keys and swipes change the photo; pinch, double tap and wheel zoom; Escape, Back and a
 * downward swipe close.
 */
export function Lightbox({ photos, start, failed, onClose, actions }: Props) {
  const [index, setIndex] = useState(start);
  const ref = useRef<HTMLDialogElement>(null);
  const area = useRef<HTMLDivElement>(null);
  useBack(onClose);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const photo = photos[index];
  const step = (by: number) => {
    gestures.reset();
    setIndex((current) => (current + by + photos.length) % photos.length);
  };
  const gestures = usePhotoGestures(area, (swipe) => {
    if (swipe === 'close') onClose();
    else if (photos.length > 1) step(swipe === 'next' ? 1 : -1);
  });
  const onKey = (event: KeyboardEvent) => {
    if (photos.length < 2 || (event.target as Element).closest('[role=menu]')) return;
    if (event.key === 'ArrowRight') step(1);
    if (event.key === 'ArrowLeft') step(-1);
  };
  if (!photo) return null;
  const label = photo.altText || t('post.photoOf', index + 1, photos.length);
  return (
    <dialog
      ref={ref}
      class={`lightbox ${gestures.isZoomed ? 'is-zoomed' : ''}`}
      aria-label={label}
      {...gestures.handlers}
      onKeyDown={onKey}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}>
      <CallStrip />
      <figure>
        <div ref={area} class="lightbox-photo" style={gestures.style} onWheel={gestures.onWheel}>
          <WholePhoto key={photo.id} photo={photo} label={label} failed={() => failed(photo)} />
        </div>
        {photo.altText && (
          <figcaption tabIndex={photo.altText.length > LONG_ALT ? 0 : undefined}>{photo.altText}</figcaption>
        )}
      </figure>
      <button type="button" class="icon-button lightbox-close" aria-label={t('app.close')} onClick={onClose}>
        <Icon name="close" />
      </button>
      {photos.length > 1 && <Pages index={index} count={photos.length} step={step} />}
      {actions && <div class="lightbox-actions">{actions}</div>}
      {/* The page's own lie under the lightbox. */}
      <Toasts />
    </dialog>
  );
}

function Pages({ index, count, step }: { index: number; count: number; step: (by: number) => void }) {
  return (
    <>
      <p class="lightbox-position" role="status" aria-label={t('post.photoOf', index + 1, count)}>
        {index + 1} / {count}
      </p>
      <button type="button" class="icon-button lightbox-prev" aria-label={t('post.previous')} onClick={() => step(-1)}>
        <Icon name="prev" />
      </button>
      <button type="button" class="icon-button lightbox-next" aria-label={t('post.next')} onClick={() => step(1)}>
        <Icon name="next" />
      </button>
    </>
  );
}
