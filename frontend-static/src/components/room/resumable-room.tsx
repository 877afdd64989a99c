import type { Room } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { findConversation, groupTitle } from '../../state/conversations';
import { isJoining, joinRoom } from '../../state/room';
import { dismissResumableRoom } from '../../state/room-resume';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { personOf } from '../chat/names';

/** A group call that this tab was in before a reload, and that goes on. It does not block the page. */
export function ResumableRoomBar({ room }: { room: Room }) {
  const { conversationId, startedBy, members, media } = room;
  const words = t('room.resume', groupTitle(conversationId));
  // The server may not know yet that the reloaded page has left.
  const isElsewhere = members.some(({ userId }) => userId === subject.value);
  return (
    <section class="incoming resumable" aria-label={words}>
      <Avatar of={personOf(startedBy, findConversation(conversationId))} size={40} />
      <p class="incoming-words" role="status">
        {words}
      </p>
      <button type="button" class="button button-small button-quiet" onClick={dismissResumableRoom}>
        {t('room.dismiss')}
      </button>
      <button
        type="button"
        class="button button-small button-primary"
        disabled={isJoining.value}
        onClick={() => void joinRoom(conversationId, media, isElsewhere).catch(showError)}>
        {t('call.resume')}
      </button>
    </section>
  );
}
