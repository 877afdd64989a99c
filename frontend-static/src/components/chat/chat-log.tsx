import { Fragment } from 'preact';
import type { Conversation } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { getThread } from '../../state/chat-thread';
import { otherMemberOf } from '../../state/conversations';
import { CallLines, useCallsSince } from '../call/call-line';
import { Spinner } from '../feedback';
import { Icon } from '../icon';
import { Bubble } from './bubble';
import { LogRow } from './log-row';
import type { MenuActions } from './message-menu';
import { OutgoingBubble } from './outgoing-bubble';
import { Typists } from './typists';
import { type Target, useLogScroll } from './use-log-scroll';

/** Later than every time (RFC 3339). */
const FOREVER = '9999';

interface Props extends MenuActions {
  conversation: Conversation;
  target: Target;
}

/**
 * The message log: stays at its end while the reader is there, loads in both directions on scroll, and can jump to a
 * message.
 */
export function ChatLog({ conversation, target, ...actions }: Props) {
  const { id } = conversation;
  const thread = getThread(id);
  const { messages, outgoing, older, newer, loading, readUpTo, typing } = thread;
  const typists = Object.entries(typing)
    .filter(([, until]) => until > Date.now())
    .map(([user]) => user);
  const scroll = useLogScroll(id, thread, typists.length > 0, target);
  const other = conversation.kind === 'direct' ? otherMemberOf(conversation) : undefined;
  useCallsSince(messages[0]?.at, thread.loaded && Boolean(other));
  const lastOwn =
    outgoing.length === 0 ? messages.findLast((one) => one.senderId === subject.value && !one.system)?.seq : undefined;
  return (
    <div class="chat-log-frame">
      <div
        class="chat-log"
        ref={scroll.box}
        role="log"
        aria-label={t('chat.log')}
        tabIndex={0}
        onScroll={scroll.onScroll}>
        {older ? (
          <button
            type="button"
            class="button button-small chat-older"
            disabled={loading}
            onClick={() => scroll.more('older')}>
            {loading ? <Spinner /> : t('chat.older')}
          </button>
        ) : (
          <p class="muted chat-first">{t('chat.beginning')}</p>
        )}
        {messages.map((message, index) => (
          <Fragment key={message.seq}>
            {other && (index > 0 || !older) && (
              <CallLines other={other} from={messages[index - 1]?.at ?? ''} to={message.at} />
            )}
            <LogRow message={message} previous={messages[index - 1]} readUpTo={readUpTo}>
              {(grouped) => (
                <Bubble
                  message={message}
                  grouped={grouped}
                  last={message.seq === lastOwn && message === messages.findLast((one) => !one.hidden)}
                  marked={message.seq === scroll.marked}
                  conversation={conversation}
                  jump={(seq) => void scroll.jump(seq)}
                  {...actions}
                />
              )}
            </LogRow>
          </Fragment>
        ))}
        {other && thread.loaded && !newer && <CallLines other={other} from={messages.at(-1)?.at ?? ''} to={FOREVER} />}
        {newer && (
          <button
            type="button"
            class="button button-small chat-older"
            disabled={loading}
            onClick={() => scroll.more('newer')}>
            {t('chat.newer')}
          </button>
        )}
        {outgoing.map((item) => (
          <OutgoingBubble key={item.clientMessageId} id={id} item={item} />
        ))}
        <Typists users={typists} conversation={conversation} />
      </div>
      {scroll.isAway && (
        <button type="button" class="chat-end" aria-label={t('chat.jumpToNewest')} onClick={scroll.toEnd}>
          <Icon name="down" size={18} />
          {scroll.below > 0 && <span>{t('chat.newMessageCount', scroll.below)}</span>}
        </button>
      )}
    </div>
  );
}
