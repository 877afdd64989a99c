import { t } from '../../i18n';
import type { ActiveCall } from '../../state/active-call';
import { otherMedia, ownMedia } from '../../state/call-media';
import { isMinimised } from '../../state/call-view';
import { Avatar } from '../avatar';
import { Picture } from './streams';

/** The other side's screen, camera, or avatar while the camera is off; and this side's video. */
export function CallStage({ current }: { current: ActiveCall }) {
  const { camera, screen } = otherMedia.value;
  const own = ownMedia.value.tracks;
  const main = screen ?? camera;
  const name = current.other.displayName;
  return (
    <div class="call-stage">
      {main ? (
        <Picture
          key={main.id}
          track={main}
          className={`call-remote ${screen ? 'is-screen' : ''}`}
          label={screen ? t('call.screenOf', name) : t('call.cameraOf', name)}
        />
      ) : (
        <span class={`call-avatar ${current.phase === 'calling' ? 'ringing' : ''}`}>
          <Avatar of={current.other} size={isMinimised.value ? 40 : 112} />
        </span>
      )}
      {screen && camera && <Picture track={camera} className="call-small" label={t('call.cameraOf', name)} />}
      {own.camera && <Picture key={own.camera.id} track={own.camera} className="call-local" label={t('call.you')} />}
      {own.screen && <p class="call-sharing">{t('call.sharing')}</p>}
    </div>
  );
}
