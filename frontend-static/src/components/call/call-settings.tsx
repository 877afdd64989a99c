import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { otherMedia, ownMedia, setVoiceOnly, switchCamera, switchMicrophone } from '../../state/call-media';
import { Icon } from '../icon';
import { type ChoosableDevice, DeviceFields } from './device-fields';

/** Device and video settings of the running call; changes apply at once, and to the next call. */
export function CallSettings({ close }: { close: () => void }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <section class="call-settings" aria-labelledby="call-settings-title">
      <header>
        <h3 id="call-settings-title" ref={title} tabIndex={-1}>
          {t('call.settings')}
        </h3>
        <button type="button" class="icon-button" aria-label={t('app.close')} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <DeviceFields onChange={apply} />
      <label class="switch">
        <input
          type="checkbox"
          checked={ownMedia.value.voiceOnly}
          onChange={(event) => setVoiceOnly(event.currentTarget.checked)}
        />
        <span>{t('call.voiceOnly')}</span>
      </label>
      <PictureInPicture />
    </section>
  );
}

/** `Sounds` applies the choice of the speaker. */
function apply(device: ChoosableDevice): void {
  if (device === 'microphone') void switchMicrophone();
  if (device === 'camera' && ownMedia.peek().tracks.camera) void switchCamera();
}

/** The browser's picture-in-picture window, which stays above other programs. */
function PictureInPicture() {
  if (!document.pictureInPictureEnabled || !(otherMedia.value.screen ?? otherMedia.value.camera)) return null;
  const show = () => document.querySelector<HTMLVideoElement>('.call-remote')?.requestPictureInPicture();
  return (
    <button type="button" class="button button-small" onClick={() => void show()?.catch(() => undefined)}>
      {t('call.pictureInPicture')}
    </button>
  );
}
