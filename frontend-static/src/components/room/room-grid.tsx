import type { RoomMember } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { ownMedia } from '../../state/call-media';
import { findConversation } from '../../state/conversations';
import { type ActiveRoom, isSilent } from '../../state/room';
import { Avatar } from '../avatar';
import { Picture } from '../call/streams';
import { nameOf, personOf } from '../chat/names';
import { Icon } from '../icon';

/** All participants as tiles of equal size; beside or below a shared screen, which takes most of the window. */
export function RoomGrid({ current }: { current: ActiveRoom }) {
  const { members, others, conversationId } = current;
  const own = ownMedia.value.tracks;
  const screens = members.filter(({ session }) => others[session]?.tracks.screen);
  const screenCount = screens.length + Number(Boolean(own.screen));
  return (
    <ul
      class={`room-grid ${screenCount ? 'has-screen' : ''}`}
      data-people={members.length}
      style={{ '--people': members.length, '--screens': screenCount }}>
      {own.screen && <ScreenTile key="own-screen" track={own.screen} label={t('room.ownScreen')} />}
      {screens.map(({ userId, session }) => (
        <ScreenTile
          key={`${session}-screen`}
          track={others[session]!.tracks.screen!}
          label={t('call.screenOf', nameIn(conversationId, userId))}
        />
      ))}
      {members.map((member) => (
        <Tile key={member.session} member={member} current={current} />
      ))}
    </ul>
  );
}

function nameIn(conversationId: string, userId: string): string {
  return nameOf(userId, findConversation(conversationId));
}

function ScreenTile({ track, label }: { track: MediaStreamTrack; label: string }) {
  return (
    <li class="room-tile is-screen">
      <Picture track={track} className="room-picture" label={label} />
      <span class="room-name">
        <bdi>{label}</bdi>
      </span>
    </li>
  );
}

function Tile({ member, current }: { member: RoomMember; current: ActiveRoom }) {
  const { userId, session } = member;
  const isMe = userId === subject.value;
  // The server learns of it a moment later.
  const muted = isMe ? isSilent(ownMedia.value) : member.muted;
  const other = current.others[session];
  const camera = isMe ? ownMedia.value.tracks.camera : other?.tracks.camera;
  const name = isMe ? t('call.you') : nameIn(current.conversationId, userId);
  const speaks = !isMe && current.speaker === session;
  const waits = !isMe && other?.state !== 'connected';
  return (
    <li
      class={`room-tile ${speaks ? 'is-speaking' : ''}`}
      data-session={session}
      data-state={isMe ? 'own' : other?.state}>
      {/* Visible until the first frame covers it. */}
      <Avatar of={personOf(userId, findConversation(current.conversationId))} size={72} />
      {camera && (
        <Picture
          key={camera.id}
          track={camera}
          className={`room-picture ${isMe ? 'is-own' : ''}`}
          label={t('call.cameraOf', name)}
        />
      )}
      <span class="room-name">
        <bdi>{name}</bdi>
        {muted && (
          <span role="img" aria-label={t('room.muted', name)}>
            <Icon name="micOff" size={16} />
          </span>
        )}
      </span>
      {waits && <span class="room-waits">{t('room.connecting')}</span>}
    </li>
  );
}
