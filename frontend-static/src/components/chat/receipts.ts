/** The delivery state of your own messages. */
import type { Conversation } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';

export function receiptOf(seq: number, conversation: Conversation): string {
  const others = conversation.members.filter((member) => member.id !== subject.value);
  const readers = others.filter((member) => (member.readSeq ?? 0) >= seq).length;
  if (readers > 0)
    return conversation.kind === 'group' && conversation.memberCount > 2
      ? t('chat.readCount', readers)
      : t('chat.read');
  return others.some((member) => (member.deliveredSeq ?? 0) >= seq) ? t('chat.delivered') : t('chat.sent');
}
