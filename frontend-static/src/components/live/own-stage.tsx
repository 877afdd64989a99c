import { canShareScreen, deviceAdvice } from '../../calls/devices';
import { t } from '../../i18n';
import {
  broadcastMedia,
  pictureOfBroadcast,
  toggleBroadcastCamera,
  toggleBroadcastMicrophone,
  toggleBroadcastScreen,
} from '../../state/broadcast-media';
import { showError } from '../../state/toasts';
import { Control } from '../call/call-controls';
import { Picture } from '../call/streams';
import { Icon } from '../icon';

/** The media that this device sends or will send, with their buttons. */
export function OwnStage({ label, note }: { label: string; note?: string | null }) {
  const media = broadcastMedia.value;
  const picture = pictureOfBroadcast(media);
  const isCamera = !media.tracks.screen;
  return (
    <div>
      <section class="live-stage" aria-label={label}>
        {picture ? (
          <Picture
            key={picture.id}
            track={picture}
            className={`live-video ${isCamera ? 'is-mirrored' : ''}`}
            label={t('live.preview')}
          />
        ) : (
          <p class="live-cover">
            <Icon name="cameraOff" size={34} />
            {t('live.previewEmpty')}
          </p>
        )}
        <div class="live-notices" role="status">
          {note && <p>{note}</p>}
        </div>
        <Controls />
      </section>
      <DeviceProblems />
    </div>
  );
}

/** Why a device of this page is not open. */
export function DeviceProblems() {
  const { problems } = broadcastMedia.value;
  return (
    <div class="live-problems" role="status">
      {(['microphone', 'camera'] as const).map((device) => {
        const problem = problems[device];
        return problem && <p key={device}>{deviceAdvice(problem, device)}</p>;
      })}
    </div>
  );
}

function Controls() {
  const { tracks, muted } = broadcastMedia.value;
  const isSilent = muted || !tracks.microphone;
  return (
    <div class="live-controls" role="group" aria-label={t('live.controls')}>
      <Control
        icon={isSilent ? 'micOff' : 'mic'}
        label={isSilent ? t('call.unmute') : t('call.mute')}
        pressed={isSilent}
        act={() => void toggleBroadcastMicrophone()}
      />
      <Control
        icon={tracks.camera ? 'film' : 'cameraOff'}
        label={tracks.camera ? t('call.cameraOff') : t('call.cameraOn')}
        pressed={!tracks.camera}
        act={() => void toggleBroadcastCamera()}
      />
      {canShareScreen() && (
        <Control
          icon="screen"
          label={tracks.screen ? t('call.stopScreen') : t('call.shareScreen')}
          pressed={Boolean(tracks.screen)}
          act={() => void toggleBroadcastScreen().catch(showError)}
        />
      )}
    </div>
  );
}
