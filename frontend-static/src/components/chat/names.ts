/** Names in a conversation, and the texts of system messages. */
import type { Author, Conversation, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { chatNames } from '../../state/conversations';

export function personOf(id: string, conversation?: Conversation): Author {
  const member = conversation?.members.find((one) => one.id === id);
  if (member?.handle) return member;
  // A member without a handle has a deleted account; their messages remain.
  return (
    chatNames.value[id] ?? {
      id,
      handle: '',
      displayName: t(member ? 'app.deletedAccount' : 'chat.someone'),
      avatarUrl: null,
    }
  );
}

export function nameOf(id: string, conversation?: Conversation): string {
  return id === subject.value ? t('chat.youName') : personOf(id, conversation).displayName;
}

const NAMED = 3;

function listOf(ids: string[], conversation?: Conversation): string {
  const shown = ids
    .slice(0, NAMED)
    .map((id) => nameOf(id, conversation))
    .join(', ');
  return ids.length > NAMED ? t('chat.andMore', shown, ids.length - NAMED) : shown;
}

export function lineText(message: Message, conversation?: Conversation): string {
  const line = message.system!;
  const who = nameOf(message.senderId, conversation);
  const whom = listOf(line.userIds, conversation);
  switch (line.type) {
    case 'renamed':
      return t('chat.systemMessage.renamed', who, line.title ?? '');
    case 'added':
      return t('chat.systemMessage.added', who, whom);
    case 'left':
      return line.userIds.length ? t('chat.systemMessage.ownerChanged', who, whom) : t('chat.systemMessage.left', who);
    case 'removed':
      return t('chat.systemMessage.removed', who, whom);
    case 'role':
      return t('chat.systemMessage.role', who, whom, t(`chat.role.${line.role ?? 'member'}`));
    case 'created':
      return t('chat.systemMessage.created', who);
    case 'pictured':
      return t('chat.systemMessage.pictured', who);
    case 'joined':
      return t('chat.systemMessage.joined', who);
  }
}

/** One line that represents a message: in lists, quotes and results. */
export function summary(message: Message, conversation?: Conversation): string {
  if (message.system) return lineText(message, conversation);
  if (message.deleted || message.hidden) return t('chat.deleted');
  const kind = message.media[0]?.kind;
  return message.text || (kind ? t(`chat.media.${kind}`) : '');
}
