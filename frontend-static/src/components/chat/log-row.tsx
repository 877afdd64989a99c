import type { Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { dayName } from '../../lib/time';

/** Messages of one person within this time are grouped. */
const GROUP_MS = 180_000;

interface RowProps {
  message: Message;
  previous: Message | undefined;
  readUpTo: number | null;
  children: (grouped: boolean) => preact.ComponentChildren;
}

/** A message, preceded where needed by the date and the marker of the first unread one. */
export function LogRow({ message, previous, readUpTo, children }: RowProps) {
  const newDay = !previous || new Date(previous.at).toDateString() !== new Date(message.at).toDateString();
  const firstUnread =
    readUpTo !== null &&
    message.seq > readUpTo &&
    message.senderId !== subject.value &&
    (previous ? previous.seq <= readUpTo : readUpTo > 0);
  const near = previous && Date.parse(message.at) - Date.parse(previous.at) < GROUP_MS;
  const grouped = Boolean(
    near && !newDay && !firstUnread && !previous.system && previous.senderId === message.senderId,
  );
  return (
    <>
      {newDay && (
        <p class="chat-day">
          <span>{dayName(message.at)}</span>
        </p>
      )}
      {firstUnread && (
        <p class="chat-unread">
          <span>{t('chat.unreadMarker')}</span>
        </p>
      )}
      {children(grouped)}
    </>
  );
}
