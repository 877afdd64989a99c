import { useEffect } from 'preact/hooks';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { connectionState } from '../../state/realtime';
import { activeRoom, isJoining, joinRoom, lookForRoom, rooms } from '../../state/room';
import { showError } from '../../state/toasts';
import { Icon } from '../icon';

/** In the group's conversation: the running call, with a button to join. */
export function RoomBanner({ conversationId }: { conversationId: string }) {
  const isOpen = connectionState.value === 'open';
  useEffect(() => {
    if (isOpen) void lookForRoom(conversationId);
  }, [conversationId, isOpen]);
  const room = rooms.value[conversationId];
  if (!room || activeRoom.value?.conversationId === conversationId) return null;
  const isElsewhere = room.members.some(({ userId }) => userId === subject.value);
  const isFull = room.members.length >= room.limit && !isElsewhere;
  const join = () => void joinRoom(conversationId, room.media, isElsewhere).catch(showError);
  return (
    <div class="chat-banner room-banner">
      <Icon name={room.media === 'video' ? 'film' : 'phone'} size={18} />
      <p role="status">{isFull ? t('room.full') : t('room.runs', room.members.length)}</p>
      <button
        type="button"
        class="button button-small button-primary"
        disabled={isFull || isJoining.value}
        onClick={join}>
        {t(isElsewhere ? 'room.moveHere' : 'room.join')}
      </button>
    </div>
  );
}
