import type { Media } from '../api/types';

const THUMBNAIL_SIDE = 640;

/** A photo in the size and format that suits the screen, with its placeholder until it has loaded. */
export function PhotoImage({
  photo,
  label,
  sizes,
  failed,
}: {
  photo: Media;
  label: string;
  sizes: string;
  failed: () => void;
}) {
  const source = photo.thumbnailUrl ?? photo.url ?? '';
  const of = (kind: string) =>
    (photo.variants ?? []).filter((one) => one.contentType === kind).map((one) => `${one.url} ${one.width}w`);
  const avif = of('image/avif');
  const webp = [
    ...(photo.thumbnailUrl ? [`${photo.thumbnailUrl} ${thumbnailWidth(photo)}w`] : []),
    ...of('image/webp'),
  ];
  const behind = photo.placeholder ? { backgroundImage: `url("${photo.placeholder}")`, backgroundSize: 'cover' } : {};
  return (
    <picture>
      {avif.length > 0 && <source type="image/avif" srcset={avif.join(', ')} sizes={sizes} />}
      {webp.length > 1 && <source type="image/webp" srcset={webp.join(', ')} sizes={sizes} />}
      <img src={source} alt={label} loading="lazy" decoding="async" style={behind} onError={failed} />
    </picture>
  );
}

function thumbnailWidth(photo: Media): number {
  const { width = THUMBNAIL_SIDE, height = THUMBNAIL_SIDE } = photo;
  return Math.round(width * Math.min(1, THUMBNAIL_SIDE / Math.max(width, height)));
}
