import type { Media } from '../api/types';
import { t } from '../i18n';
import { Icon } from './icon';

interface Props {
  media: Media[];
  /** Reveals the media; without it there is no button, because another element leads to the post. */
  reveal?: () => void;
}

/** A blurred cover over sensitive photos and videos until the reader reveals them. The files are not loaded. */
export function SensitiveCover({ media, reveal }: Props) {
  const ratio = media.length === 1 ? ratioOf(media[0]!) : 16 / 9;
  return (
    <div class="sensitive-cover" style={{ aspectRatio: String(ratio) }}>
      <div class={`sensitive-cover-tiles photos-${Math.min(media.length, 4)}`} aria-hidden="true">
        {media.map((one) => (
          <span key={one.id} style={one.placeholder ? { backgroundImage: `url("${one.placeholder}")` } : {}} />
        ))}
      </div>
      {reveal && (
        <button type="button" class="sensitive-cover-open" onClick={reveal}>
          <Icon name="eyeOff" size={24} />
          <b>{t('sensitive.title')}</b>
          <span>{t('sensitive.show')}</span>
        </button>
      )}
    </div>
  );
}

function ratioOf({ width, height }: Media): number {
  return width && height ? Math.min(2, Math.max(0.8, width / height)) : 16 / 9;
}
