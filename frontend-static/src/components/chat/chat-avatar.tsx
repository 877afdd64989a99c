import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import { otherMemberOf } from '../../state/conversations';
import { isOnline } from '../../state/presence';
import { Avatar } from '../avatar';

/** The picture of a group, or of the other person with a presence dot. */
export function ChatAvatar({ conversation, size }: { conversation: Conversation; size: number }) {
  if (conversation.kind === 'group') {
    return (
      <Avatar
        of={{ id: conversation.id, displayName: conversation.title ?? '', avatarUrl: conversation.avatarUrl }}
        size={size}
      />
    );
  }
  const other = otherMemberOf(conversation);
  if (!other) return null;
  return (
    <span class="avatar-box">
      <Avatar of={other} size={size} />
      {isOnline(other.id) && <span class="presence-dot" role="img" aria-label={t('chat.online')} />}
    </span>
  );
}
