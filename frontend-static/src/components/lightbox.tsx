import { useEffect, useRef, useState } from 'preact/hooks';
import type { Media } from '../api/types';
import { t } from '../i18n';
import { useBack } from '../lib/use-back';
import { Icon } from './icon';

/** Characters from which a description may have to be scrolled: by keyboard too. */
const LONG_ALT = 160;

/** Photos full screen, as large as they are; arrow keys turn pages, Escape and Back close. */
export function Lightbox({
  photos,
  start,
  failed,
  onClose,
}: {
  photos: Media[];
  start: number;
  failed: (photo: Media) => void;
  onClose: () => void;
}) {
  const [index, setIndex] = useState(start);
  const ref = useRef<HTMLDialogElement>(null);
  useBack(onClose);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const photo = photos[index];
  const step = (by: number) => setIndex((current) => (current + by + photos.length) % photos.length);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') step(1);
    if (event.key === 'ArrowLeft') step(-1);
  };
  if (!photo) return null;
  const label = photo.altText || t('post.photoOf', index + 1, photos.length);
  return (
    <dialog
      ref={ref}
      class="lightbox"
      aria-label={label}
      onKeyDown={onKey}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}>
      <figure>
        <img src={photo.url ?? photo.thumbnailUrl ?? ''} alt={label} onError={() => failed(photo)} />
        {photo.altText && (
          <figcaption tabIndex={photo.altText.length > LONG_ALT ? 0 : undefined}>{photo.altText}</figcaption>
        )}
      </figure>
      <button type="button" class="icon-button lightbox-close" aria-label={t('app.close')} onClick={onClose}>
        <Icon name="close" />
      </button>
      {photos.length > 1 && (
        <>
          <button
            type="button"
            class="icon-button lightbox-prev"
            aria-label={t('post.previous')}
            onClick={() => step(-1)}>
            <Icon name="prev" />
          </button>
          <button type="button" class="icon-button lightbox-next" aria-label={t('post.next')} onClick={() => step(1)}>
            <Icon name="next" />
          </button>
        </>
      )}
    </dialog>
  );
}
