import { t } from '../../i18n';
import type { ActiveCall } from '../../state/active-call';
import { otherMedia, ownMedia } from '../../state/call-media';
import { showCallWindow } from '../../state/calls';
import { HangUp } from './call-controls';
import { CallFrame } from './call-frame';
import { CallStage } from './call-stage';
import { CallStatus } from './call-status';
import { Sounds } from './streams';

export function CallPanel({ current }: { current: ActiveCall }) {
  const { camera, screen } = otherMedia.value;
  const pictures = Boolean(camera ?? screen ?? ownMedia.value.tracks.camera ?? ownMedia.value.tracks.screen);
  return (
    <CallFrame
      label={t('call.title', current.other.displayName)}
      className={pictures ? 'call-video' : 'call-audio'}
      show={showCallWindow}
      leave={<HangUp />}
      mark={{ 'data-phase': current.phase }}>
      <Sounds />
      <CallStage current={current} />
      <CallStatus current={current} />
    </CallFrame>
  );
}
