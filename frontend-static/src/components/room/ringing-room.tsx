import { useEffect, useRef } from 'preact/hooks';
import type { Room } from '../../api/types';
import { t } from '../../i18n';
import { findConversation, groupTitle } from '../../state/conversations';
import { dismissRing, joinRoom } from '../../state/room';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { nameOf, personOf } from '../chat/names';

/** A group call has begun: it rings for half a minute for members outside it, and needs no answer. */
export function RingingRoom({ room }: { room: Room }) {
  const ref = useRef<HTMLDivElement>(null);
  const conversation = findConversation(room.conversationId);
  const words = t('room.begun', nameOf(room.startedBy, conversation));
  useEffect(() => {
    if (!document.activeElement?.matches('input, textarea, select, [contenteditable]')) ref.current!.focus();
  }, []);
  return (
    <div
      ref={ref}
      class="incoming room-rings"
      tabIndex={-1}
      role="alertdialog"
      aria-label={`${groupTitle(room.conversationId)}: ${words}`}>
      <span class="ringing">
        <Avatar of={personOf(room.startedBy, conversation)} size={56} />
      </span>
      <div class="incoming-words">
        <b>
          <bdi>{groupTitle(room.conversationId)}</bdi>
        </b>
        <span class="muted">{words}</span>
      </div>
      <button type="button" class="button button-small button-quiet" onClick={dismissRing}>
        {t('room.dismiss')}
      </button>
      <button
        type="button"
        class="button button-small button-primary"
        onClick={() => void joinRoom(room.conversationId, room.media).catch(showError)}>
        {t('room.join')}
      </button>
    </div>
  );
}
