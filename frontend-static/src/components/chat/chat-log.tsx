import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { dayName } from '../../lib/time';
import { discardMessage, resendMessage } from '../../state/chat';
import {
  getThread,
  jumpToNewest,
  loadMessagesAround,
  loadMoreMessages,
  type OutgoingMessage,
} from '../../state/chat-thread';
import { showError } from '../../state/toasts';
import { Spinner } from '../feedback';
import { Icon } from '../icon';
import { Bubble } from './bubble';
import type { MenuActions } from './message-menu';
import { nameOf } from './names';

const NEAR_PX = 120;
const GROUP_MS = 180_000;
const MARK_MS = 2200;

interface Props extends MenuActions {
  conversation: Conversation;
  /** A message to go to; counted, so that the same can be asked for again. */
  target: { seq: number; ask: number } | null;
}

/** The log: sticks to its end while one is there, loads both ways as one scrolls, goes to single messages. */
export function ChatLog({ conversation, target, ...actions }: Props) {
  const { id } = conversation;
  const { messages, outgoing, older, newer, loading, readUpTo, typing } = getThread(id);
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ seq: number; top: number } | null>(null);
  const atEnd = useRef(true);
  const opened = useRef(false);
  const [marked, setMarked] = useState<number | null>(null);
  const [below, setBelow] = useState(0);
  /** More than a screen above the end. */
  const [away, setAway] = useState(false);
  const last = messages.at(-1);
  const typists = Object.entries(typing)
    .filter(([, until]) => until > Date.now())
    .map(([user]) => user);

  const place = (seq: number): HTMLElement | null =>
    box.current?.querySelector<HTMLElement>(`.bubble-row[data-seq="${seq}"], .chat-line[data-seq="${seq}"]`) ?? null;
  const jump = async (seq: number) => {
    try {
      await loadMessagesAround(id, seq);
      requestAnimationFrame(() => {
        place(seq)?.scrollIntoView({ block: 'center' });
        setMarked(seq);
        setTimeout(() => setMarked(null), MARK_MS);
      });
    } catch (error) {
      showError(error);
    }
  };
  useEffect(() => {
    if (target) void jump(target.seq);
  }, [target?.ask]);

  // Opened: at the first unread message if there is one, else at the end.
  useLayoutEffect(() => {
    const line = box.current?.querySelector<HTMLElement>('.chat-unread');
    if (line) line.scrollIntoView({ block: 'center' });
    else if (box.current) box.current.scrollTop = box.current.scrollHeight;
    atEnd.current = isAtEnd(box.current);
  }, []);
  useLayoutEffect(() => {
    const own = last?.senderId === subject.value;
    if (!box.current) return;
    if (atEnd.current || own || outgoing.some((item) => item.delivery === 'sending')) {
      if (!newer) box.current.scrollTop = box.current.scrollHeight;
      setBelow(0);
    } else if (last && opened.current) setBelow((count) => count + 1);
    opened.current = true;
  }, [last?.seq, outgoing.length]);
  useLayoutEffect(() => {
    if (atEnd.current && box.current && !newer) box.current.scrollTop = box.current.scrollHeight;
  }, [typists.length > 0, last?.reactions.length]);
  // What came in above must not move what is being read.
  useLayoutEffect(() => {
    const element = anchor.current && place(anchor.current.seq);
    if (element && box.current) box.current.scrollTop += element.getBoundingClientRect().top - anchor.current!.top;
    anchor.current = null;
  }, [messages[0]?.seq]);

  const more = (direction: 'older' | 'newer') => {
    if (direction === 'older' && messages[0])
      anchor.current = { seq: messages[0].seq, top: place(messages[0].seq)?.getBoundingClientRect().top ?? 0 };
    void loadMoreMessages(id, direction).catch(showError);
  };
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    atEnd.current = isAtEnd(element);
    setAway(element.scrollHeight - element.scrollTop > 2 * element.clientHeight);
    if (atEnd.current) setBelow(0);
    if (element.scrollTop < NEAR_PX * 3 && older && !loading && !anchor.current) more('older');
    if (atEnd.current && newer && !loading) more('newer');
  };
  const end = () =>
    void jumpToNewest(id).then(
      () =>
        requestAnimationFrame(() => {
          if (box.current) box.current.scrollTop = box.current.scrollHeight;
        }),
      showError,
    );
  const lastOwn =
    outgoing.length === 0 ? messages.findLast((one) => one.senderId === subject.value && !one.system)?.seq : undefined;
  return (
    <div class="chat-log-frame">
      <div class="chat-log" ref={box} role="log" aria-label={t('chat.log')} tabIndex={0} onScroll={onScroll}>
        {older ? (
          <button type="button" class="button button-small chat-older" disabled={loading} onClick={() => more('older')}>
            {loading ? <Spinner /> : t('chat.older')}
          </button>
        ) : (
          <p class="muted chat-first">{t('chat.beginning')}</p>
        )}
        {messages.map((message, index) => (
          <Row key={message.seq} message={message} previous={messages[index - 1]} readUpTo={readUpTo}>
            {(grouped) => (
              <Bubble
                message={message}
                grouped={grouped}
                last={message.seq === lastOwn && message === messages.findLast((one) => !one.hidden)}
                marked={message.seq === marked}
                conversation={conversation}
                jump={(seq) => void jump(seq)}
                {...actions}
              />
            )}
          </Row>
        ))}
        {newer && (
          <button type="button" class="button button-small chat-older" disabled={loading} onClick={() => more('newer')}>
            {t('chat.newer')}
          </button>
        )}
        {outgoing.map((item) => (
          <OutgoingBubble key={item.clientMessageId} id={id} item={item} />
        ))}
        <Typists users={typists} conversation={conversation} />
      </div>
      {(newer || away || below > 0) && (
        <button
          type="button"
          class="chat-end"
          aria-label={t('chat.jumpToNewest')}
          onClick={() => {
            if (newer) end();
            else if (box.current) box.current.scrollTop = box.current.scrollHeight;
          }}>
          <Icon name="down" size={18} />
          {below > 0 && <span>{t('chat.newMessageCount', below)}</span>}
        </button>
      )}
    </div>
  );
}

function isAtEnd(element: HTMLElement | null): boolean {
  return !element || element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
}

interface RowProps {
  message: Message;
  previous: Message | undefined;
  readUpTo: number | null;
  children: (grouped: boolean) => preact.ComponentChildren;
}

function Row({ message, previous, readUpTo, children }: RowProps) {
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

function Typists({ users, conversation }: { users: string[]; conversation: Conversation }) {
  const text =
    users.length === 1 ? t('chat.typing', nameOf(users[0]!, conversation)) : t('chat.typingCount', users.length);
  return (
    <p class={`typing ${users.length ? '' : 'visually-hidden'}`} aria-live="polite">
      {users.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="muted">{text}</span>
        </>
      )}
    </p>
  );
}

function OutgoingBubble({ id, item }: { id: string; item: OutgoingMessage }) {
  return (
    <div class="bubble-row is-own">
      <div class={`bubble is-own is-${item.delivery}`}>
        <div class="bubble-body">
          <div class="bubble-content">
            {item.mediaIds.length > 0 && (
              <p class="bubble-text">
                <Icon name="image" size={16} /> {item.mediaIds.length}
              </p>
            )}
            {item.text && <p class="bubble-text">{item.text}</p>}
          </div>
        </div>
        <span class="bubble-meta" role="status">
          {item.delivery === 'failed' ? (
            <>
              {t('chat.failed')} ·{' '}
              <button type="button" class="link-button" onClick={() => void resendMessage(id, item.clientMessageId)}>
                {t('chat.retry')}
              </button>
              {' · '}
              <button type="button" class="link-button" onClick={() => discardMessage(id, item.clientMessageId)}>
                {t('chat.discard')}
              </button>
            </>
          ) : (
            t('chat.sending')
          )}
        </span>
      </div>
    </div>
  );
}
