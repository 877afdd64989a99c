import { t } from '../../i18n';
import { ownMedia } from '../../state/call-media';
import { silencedWords } from '../../state/call-news';
import { isMinimised } from '../../state/call-view';
import { groupTitle } from '../../state/conversations';
import { type ActiveRoom, leaveRoom } from '../../state/room';
import { Control } from '../call/call-controls';
import { CallFrame } from '../call/call-frame';
import { Sound } from '../call/streams';
import { RoomGrid } from './room-grid';

export function RoomPanel({ current }: { current: ActiveRoom }) {
  const title = groupTitle(current.conversationId);
  return (
    <CallFrame
      label={t('room.title', title)}
      className="room"
      show={() => leaveRoom}
      leave={<LeaveRoom />}
      mark={{ 'data-room': current.conversationId }}>
      <RoomSounds current={current} />
      <div class="call-head">
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <p class="call-phase" role="status">
          {t('room.memberCount', current.members.length)}
        </p>
        <div class="call-notices" role="status">
          {silencedWords(ownMedia.value).map((one) => (
            <p key={one}>{one}</p>
          ))}
        </div>
      </div>
      {!isMinimised.value && <RoomGrid current={current} />}
    </CallFrame>
  );
}

export function LeaveRoom() {
  return <Control icon="hangup" label={t('room.leave')} className="is-hangup" act={leaveRoom} />;
}

function RoomSounds({ current }: { current: ActiveRoom }) {
  return (
    <>
      {Object.entries(current.others).map(([session, { tracks }]) => (
        <span key={session} hidden>
          {tracks.microphone && <Sound track={tracks.microphone} />}
          {tracks.screenSound && <Sound track={tracks.screenSound} />}
        </span>
      ))}
    </>
  );
}
