import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Media } from '../api/types';
import { t } from '../i18n';
import { duration } from '../lib/time';
import { type Renew, usePlayer, useRenewal } from '../lib/use-renewal';
import { Icon } from './icon';
import { Lightbox } from './lightbox';
import { isMoving, MotionBadge } from './moving-photo';
import { PhotoImage } from './photo-image';
import { SensitiveCover } from './sensitive-cover';
import { Waveform } from './waveform';

interface GridProps {
  media: Media[];
  /** Fetches new links. */
  renew?: Renew | undefined;
  /** Actions of the post, for the lightbox. */
  actions?: ComponentChildren;
}

/** A post's attachments; sensitive ones stay blurred until the reader reveals them, and can be hidden again. */
export function PostMedia({ media, sensitive, renew, actions }: GridProps & { sensitive: boolean }) {
  const [open, setOpen] = useState(false);
  if (!sensitive || media.every((one) => one.kind === 'audio'))
    return <MediaGrid media={media} renew={renew} actions={actions} />;
  if (!open) return <SensitiveCover media={media} reveal={() => setOpen(true)} />;
  return (
    <div class="media-open">
      <MediaGrid media={media} renew={renew} actions={actions} />
      <button
        type="button"
        class="icon-button media-hide"
        aria-label={t('sensitive.hide')}
        title={t('sensitive.hide')}
        onClick={() => setOpen(false)}>
        <Icon name="eyeOff" size={18} />
      </button>
    </div>
  );
}

/** Photos in a grid; one video or audio with the browser's own player. */
export function MediaGrid({ media, renew, actions }: GridProps) {
  const [open, setOpen] = useState<number | null>(null);
  const failed = useRenewal(renew);
  const photos = media.filter((item) => item.kind === 'photo');
  return (
    <>
      {photos.length > 0 && (
        <div class={`photos photos-${Math.min(photos.length, 4)}`}>
          {photos.map((photo, index) => (
            <Photo
              key={photo.id}
              photo={photo}
              single={photos.length === 1}
              label={photoLabel(photo, index, photos.length)}
              open={() => setOpen(index)}
              failed={() => failed(photo)}
            />
          ))}
        </div>
      )}
      {media
        .filter((item) => item.kind === 'video')
        .map((item) => (
          <Video key={item.id} media={item} failed={() => failed(item)} />
        ))}
      {media
        .filter((item) => item.kind === 'audio')
        .map((item) => (
          <Audio key={item.id} media={item} failed={() => failed(item)} />
        ))}
      {open !== null && (
        <Lightbox photos={photos} start={open} failed={failed} actions={actions} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function photoLabel(photo: Media, index: number, total: number): string {
  return photo.altText || (total > 1 ? t('post.photoOf', index + 1, total) : t('post.photo'));
}

function Photo({
  photo,
  single,
  label,
  open,
  failed,
}: {
  photo: Media;
  single: boolean;
  label: string;
  open: () => void;
  failed: () => void;
}) {
  const [playing, setPlaying] = useState(false);
  const source = photo.thumbnailUrl ?? photo.url;
  if (!source) return <Pending />;
  const ratio =
    single && photo.width && photo.height ? Math.min(2, Math.max(0.8, photo.width / photo.height)) : undefined;
  const picture = (
    <button
      type="button"
      class="photo"
      aria-label={t('post.openPhoto', label)}
      onClick={open}
      style={ratio ? { aspectRatio: String(ratio) } : {}}>
      {playing ? (
        <img src={photo.url ?? ''} alt={label} onError={failed} />
      ) : (
        <PhotoImage
          photo={photo}
          label={label}
          failed={failed}
          sizes={single ? '(max-width: 700px) 100vw, 600px' : '(max-width: 700px) 50vw, 300px'}
        />
      )}
      {photo.altText && (
        <span class="alt-badge" aria-hidden="true">
          ALT
        </span>
      )}
    </button>
  );
  if (!isMoving(photo)) return picture;
  return (
    <div class="photo-moving">
      {picture}
      <MotionBadge playing={playing} toggle={() => setPlaying(!playing)} />
    </div>
  );
}

interface PlayerProps {
  media: Media;
  failed: () => void;
}

function Video({ media, failed }: PlayerProps) {
  const player = usePlayer(media.url ?? '', failed);
  if (!media.url) return <Pending />;
  const ratio = media.width && media.height ? `${media.width} / ${media.height}` : '16 / 9';
  return (
    <figure class="video">
      <video
        {...player}
        poster={media.thumbnailUrl ?? undefined}
        controls
        playsInline
        preload="metadata"
        aria-label={media.altText || t('post.video')}
        style={{ aspectRatio: ratio }}
      />
      {media.altText && <figcaption class="muted">{media.altText}</figcaption>}
    </figure>
  );
}

function Audio({ media, failed }: PlayerProps) {
  const player = usePlayer(media.url ?? '', failed);
  if (!media.url) return <Pending />;
  return (
    <figure class="audio">
      <span class="audio-mark">
        <Icon name="wave" />
      </span>
      <div>
        <figcaption>
          {media.altText || t('post.audio')}
          {media.durationMs ? <span class="muted"> · {duration(media.durationMs)}</span> : null}
        </figcaption>
        {media.peaks && <Waveform peaks={media.peaks} />}
        <audio {...player} controls preload="metadata" aria-label={media.altText || t('post.audio')} />
      </div>
    </figure>
  );
}

function Pending() {
  return (
    <div class="media-pending">
      <Icon name="image" /> {t('post.processing')}
    </div>
  );
}
