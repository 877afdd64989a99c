import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { isPhone, useBack } from '../../lib/use-back';
import { deleteMessage, toggleMessageReaction } from '../../state/chat';
import { openReport } from '../../state/reporting';
import { showError, showToast } from '../../state/toasts';
import { Confirm } from '../confirm';
import { Icon } from '../icon';
import { keepBetweenSides } from '../menu';
import { nameOf } from './names';
import { hasReceipts, SeenBy } from './seen-by';

export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉', '🙏', '👀'];
const EDIT_MS = 24 * 3600_000;
/** The menu's height with all that it may hold. */
const ROOM_PX = 400;

export interface MenuActions {
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  /** The message went, and its menu with it: focus needs another place. */
  onGone: () => void;
}

interface Props extends MenuActions {
  message: Message;
  conversation: Conversation;
}

/** Whether one may delete it for everyone: one's own, or as admin that of somebody below. */
export function mayErase(message: Message, conversation: Conversation): boolean {
  if (message.senderId === subject.value) return true;
  const rank = { member: 0, admin: 1, owner: 2 } as const;
  const mine = conversation.me.role;
  if (conversation.kind !== 'group' || !mine || mine === 'member') return false;
  const theirs = conversation.members.find((one) => one.id === message.senderId)?.role ?? 'member';
  return rank[theirs] < rank[mine];
}

/** Reply, react and what else can be done; arrow keys move, Escape closes. */
export function MessageMenu({ message, conversation, onReply, onEdit, onGone }: Props) {
  const [open, setOpen] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [seen, setSeen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  // With the menu, not after it was painted: Escape may come at once, and focus must not go into what is closing.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const list = box.current?.querySelector<HTMLElement>('.menu');
    if (list) keepBetweenSides(list);
    list?.querySelector<HTMLElement>('button')?.focus();
    const outside = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = (action?: () => void) => {
    setOpen(false);
    trigger.current?.focus();
    action?.();
  };
  useBack(() => close(), open && isPhone());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      return close();
    }
    const items = [...(box.current?.querySelectorAll<HTMLElement>('.menu button') ?? [])];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return undefined;
    event.preventDefault();
    items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
    return undefined;
  };
  const below = (trigger.current?.getBoundingClientRect().top ?? 0) < ROOM_PX;
  const canReact = conversation.me.state === 'active';
  const own = message.senderId === subject.value;
  const mayEdit = own && Date.now() - Date.parse(message.at) < EDIT_MS;
  const copy = () =>
    void navigator.clipboard.writeText(message.text).then(() => showToast(t('chat.copied')), showError);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of what it holds
    <div class="message-menu" ref={box} onKeyDown={onKeyDown}>
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
          {canReact && (
            <div class="menu-emoji" role="group" aria-label={t('chat.react')}>
              {QUICK.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  role="menuitem"
                  aria-label={t('chat.reactWith', emoji)}
                  onClick={() => close(() => void toggleMessageReaction(message, emoji).catch(showError))}>
                  {emoji}
                </button>
              ))}
            </div>
          )}
          <button
            type="button"
            role="menuitem"
            onClick={() => {
              setOpen(false);
              onReply(message);
            }}>
            <Icon name="reply" size={18} />
            {t('chat.reply')}
          </button>
          {mayEdit && (
            <button
              type="button"
              role="menuitem"
              onClick={() => {
                setOpen(false);
                onEdit(message);
              }}>
              <Icon name="pen" size={18} />
              {t('chat.edit')}
            </button>
          )}
          {hasReceipts(message, conversation) && (
            <button type="button" role="menuitem" onClick={() => close(() => setSeen(true))}>
              <Icon name="checks" size={18} />
              {t('chat.receipts')}
            </button>
          )}
          {message.text && (
            <button type="button" role="menuitem" onClick={() => close(copy)}>
              <Icon name="link" size={18} />
              {t('chat.copy')}
            </button>
          )}
          <button
            type="button"
            role="menuitem"
            onClick={() => close(() => void deleteMessage(message, 'me').then(onGone, showError))}>
            <Icon name="eyeOff" size={18} />
            {t('chat.deleteMe')}
          </button>
          {message.senderId !== subject.value && (
            <button
              type="button"
              role="menuitem"
              onClick={() =>
                close(() =>
                  openReport({
                    kind: 'message',
                    id: `${message.conversationId}.${message.seq}`,
                    name: nameOf(message.senderId, conversation),
                  }),
                )
              }>
              <Icon name="flag" size={18} />
              {t('report.open.message')}
            </button>
          )}
          {mayErase(message, conversation) && (
            <button type="button" role="menuitem" class="is-danger" onClick={() => close(() => setConfirming(true))}>
              <Icon name="trash" size={18} />
              {t('chat.deleteAll')}
            </button>
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
