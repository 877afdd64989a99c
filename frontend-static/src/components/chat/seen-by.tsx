import type { Conversation, Member, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { type Key, t } from '../../i18n';
import { Avatar } from '../avatar';
import { Dialog } from '../dialog';
import { Icon, type IconName } from '../icon';

/** Whether the delivery state per member is available: for your own messages, in groups with receipts. */
export function hasReceipts(message: Message, conversation: Conversation): boolean {
  return (
    conversation.kind === 'group' &&
    message.senderId === subject.value &&
    !message.deleted &&
    conversation.members.some((one) => one.id !== subject.value && one.readSeq !== null)
  );
}

const SECTIONS: readonly { name: Key; icon: IconName; fits: (member: Member, seq: number) => boolean }[] = [
  { name: 'chat.receipt.read', icon: 'checks', fits: (one, seq) => (one.readSeq ?? 0) >= seq },
  {
    name: 'chat.receipt.arrived',
    icon: 'check',
    fits: (one, seq) => one.readSeq !== null && one.readSeq < seq && (one.deliveredSeq ?? 0) >= seq,
  },
  {
    name: 'chat.receipt.pending',
    icon: 'clock',
    fits: (one, seq) => one.readSeq !== null && one.readSeq < seq && (one.deliveredSeq ?? 0) < seq,
  },
  { name: 'chat.receipt.hidden', icon: 'eyeOff', fits: (one) => one.readSeq === null },
];

/** Members who have read the message, to whom it was delivered, and who hide their state. */
export function SeenBy({
  message,
  conversation,
  onClose,
}: {
  message: Message;
  conversation: Conversation;
  onClose: () => void;
}) {
  const others = conversation.members.filter((one) => one.id !== subject.value && one.accepted !== false);
  return (
    <Dialog title={t('chat.receipts')} onClose={onClose} className="dialog-small">
      <div class="seen-by">
        {SECTIONS.map(({ name, icon, fits }) => {
          const found = others.filter((one) => fits(one, message.seq));
          return (
            found.length > 0 && (
              <section key={name} aria-label={t(name as 'chat.receipt.read')}>
                <h3>
                  <Icon name={icon} size={18} /> {t(name as 'chat.receipt.read')}{' '}
                  <span class="muted">{found.length}</span>
                </h3>
                <ul>
                  {found.map((one) => (
                    <li key={one.id}>
                      <a class="chat-who" href={`/@${one.handle}`}>
                        <Avatar of={one} size={32} />
                        <span>
                          <b>
                            <bdi>{one.displayName}</bdi>
                          </b>
                          <span class="muted">@{one.handle}</span>
                        </span>
                      </a>
                    </li>
                  ))}
                </ul>
              </section>
            )
          );
        })}
      </div>
    </Dialog>
  );
}
