import { useEffect, useRef, useState } from 'preact/hooks';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { ownMedia } from '../../state/call-media';
import { ownNotices } from '../../state/call-news';
import { isMinimised } from '../../state/call-view';
import { findConversation, groupTitle } from '../../state/conversations';
import { type ActiveRoom, leaveRoom } from '../../state/room';
import { newsBetween } from '../../state/room-news';
import { Control } from '../call/call-controls';
import { CallFrame } from '../call/call-frame';
import { CallNotices } from '../call/call-notices';
import { Sound } from '../call/streams';
import { nameOf } from '../chat/names';
import { useConnectionNotice } from '../connectivity';
import { RoomGrid } from './room-grid';

export function RoomPanel({ current }: { current: ActiveRoom }) {
  const title = groupTitle(current.conversationId);
  const news = useNews(current);
  // This window covers the page's own notice on a phone.
  const isLost = useConnectionNotice() !== null;
  const isAlone = current.members.length === 1;
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
        <p class="call-phase">{isAlone ? t('room.alone') : t('room.memberCount', current.members.length)}</p>
        <p class="visually-hidden" role="status" data-room-news>
          {news}
        </p>
        <CallNotices words={[...(isLost ? [t('room.offline')] : []), ...ownNotices(ownMedia.value)]} />
      </div>
      {!isMinimised.value && <RoomGrid current={current} />}
    </CallFrame>
  );
}

/** Who joined, left or shares a screen, for screen readers; the last event stays until the next one. */
function useNews(current: ActiveRoom): string {
  const [news, setNews] = useState('');
  const before = useRef(current);
  useEffect(() => {
    const conversation = findConversation(current.conversationId);
    const next = newsBetween(before.current, current, subject.peek() ?? '', (id) => nameOf(id, conversation));
    before.current = current;
    if (next) setNews(next);
  }, [current]);
  return news;
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
