import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { isPhone, useBack } from '../../lib/use-back';
import { deleteMessage, toggleMessageReaction } from '../../state/chat';
import { openReport } from '../../state/reporting';
import { copyAndSay, showError } from '../../state/toasts';
import { Confirm } from '../confirm';
import { Icon, type IconName } from '../icon';
import { keepBetweenSides } from '../menu';
import { nameOf } from './names';
import { hasReceipts, SeenBy } from './seen-by';

export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉', '🙏', '👀'];
const EDIT_MS = 24 * 3600_000;
/** The menu's maximum height. */
const ROOM_PX = 400;

export interface MenuActions {
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  /** Called when the message and its menu disappeared, because the focus needs another element. */
  onGone: () => void;
}

interface Props extends MenuActions {
  message: Message;
  conversation: Conversation;
}

/** Whether the message can be deleted for everyone: your own, or as an admin that of a lower role. */
export function mayErase(message: Message, conversation: Conversation): boolean {
  if (message.senderId === subject.value) return true;
  const rank = { member: 0, admin: 1, owner: 2 } as const;
  const mine = conversation.me.role;
  if (conversation.kind !== 'group' || !mine || mine === 'member') return false;
  const theirs = conversation.members.find((one) => one.id === message.senderId)?.role ?? 'member';
  return rank[theirs] < rank[mine];
}

/** Reply, react and further actions; arrow keys move, Escape closes. */
export function MessageMenu({ message, conversation, onReply, onEdit, onGone }: Props) {
  const [open, setOpen] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [seen, setSeen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  useFocusInside(box, open, () => setOpen(false));
  const close = (action?: () => void) => {
    setOpen(false);
    trigger.current?.focus();
    action?.();
  };
  useBack(() => close(), open && isPhone());
  const below = (trigger.current?.getBoundingClientRect().top ?? 0) < ROOM_PX;
  /** Closes without restoring the focus, because the text field gets it. */
  const toField = (act: (message: Message) => void) => {
    setOpen(false);
    act(message);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of what it holds
    <div class="message-menu" ref={box} onKeyDown={(event) => moveFocus(event, box.current!, close)}>
      <button
        ref={trigger}
        type="button"
        class="icon-button"
        aria-label={t('chat.menu')}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}>
        <Icon name="more" size={18} />
      </button>
      {open && (
        <div class={`menu ${below ? 'is-below' : ''}`} role="menu" aria-label={t('chat.menu')}>
          {conversation.me.state === 'active' && (
            <QuickReactions
              pick={(emoji) => close(() => void toggleMessageReaction(message, emoji).catch(showError))}
            />
          )}
          <Item icon="reply" label={t('chat.reply')} act={() => toField(onReply)} />
          {mayEdit(message) && <Item icon="pen" label={t('chat.edit')} act={() => toField(onEdit)} />}
          {hasReceipts(message, conversation) && (
            <Item icon="checks" label={t('chat.receipts')} act={() => close(() => setSeen(true))} />
          )}
          {message.text && (
            <Item
              icon="link"
              label={t('chat.copy')}
              act={() => close(() => void copyAndSay(message.text, t('chat.copied')))}
            />
          )}
          <Item
            icon="eyeOff"
            label={t('chat.deleteMe')}
            act={() => close(() => void deleteMessage(message, 'me').then(onGone, showError))}
          />
          {message.senderId !== subject.value && (
            <Item icon="flag" label={t('report.open.message')} act={() => close(() => report(message, conversation))} />
          )}
          {mayErase(message, conversation) && (
            <Item icon="trash" label={t('chat.deleteAll')} act={() => close(() => setConfirming(true))} isDanger />
          )}
        </div>
      )}
      {seen && <SeenBy message={message} conversation={conversation} onClose={() => setSeen(false)} />}
      {confirming && (
        <Confirm
          title={t('chat.deleteAll')}
          hint={t('chat.deleteAllHint')}
          action={t('chat.deleteAll')}
          onConfirm={() => deleteMessage(message, 'all').then(onGone)}
          onClose={() => setConfirming(false)}
        />
      )}
    </div>
  );
}

/** The focus moves into the opened menu; a press elsewhere closes it. */
function useFocusInside(box: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  // In a layout effect, before paint: Escape may come at once, and a closing menu must not take the focus.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const list = box.current?.querySelector<HTMLElement>('.menu');
    if (list) keepBetweenSides(list);
    list?.querySelector<HTMLElement>('button')?.focus();
    const outside = (event: Event) => !box.current?.contains(event.target as Node) && close();
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
}

function moveFocus(event: KeyboardEvent, box: HTMLElement, close: () => void): void {
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
    return;
  }
  const items = [...box.querySelectorAll<HTMLElement>('.menu button')];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
}

function mayEdit(message: Message): boolean {
  return message.senderId === subject.value && Date.now() - Date.parse(message.at) < EDIT_MS;
}

function report(message: Message, conversation: Conversation): void {
  const name = nameOf(message.senderId, conversation);
  openReport({ kind: 'message', id: `${message.conversationId}.${message.seq}`, name });
}

function QuickReactions({ pick }: { pick: (emoji: string) => void }) {
  return (
    <div class="menu-emoji" role="group" aria-label={t('chat.react')}>
      {QUICK.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitem"
          aria-label={t('chat.reactWith', emoji)}
          onClick={() => pick(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  );
}

interface ItemProps {
  icon: IconName;
  label: string;
  act: () => void;
  isDanger?: boolean;
}

function Item({ icon, label, act, isDanger }: ItemProps) {
  return (
    <button type="button" role="menuitem" class={isDanger ? 'is-danger' : undefined} onClick={act}>
      <Icon name={icon} size={18} />
      {label}
    </button>
  );
}
