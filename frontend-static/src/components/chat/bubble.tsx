import { useState } from 'preact/hooks';
import type { Conversation, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { clock, fullTime } from '../../lib/time';
import { toggleMessageReaction } from '../../state/chat';
import { renewMessage } from '../../state/media-links';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { MediaGrid } from '../media';
import { RichText } from '../rich-text';
import { type MenuActions, MessageMenu } from './message-menu';
import { lineText, nameOf, personOf } from './names';
import { Quote } from './quote';
import { receiptOf } from './receipts';
import { hasReceipts, SeenBy } from './seen-by';

interface Props extends MenuActions {
  message: Message;
  /** Directly follows a message of the same person. */
  grouped: boolean;
  /** The last of your own: shows its delivery state. */
  last: boolean;
  marked: boolean;
  conversation: Conversation;
  jump: (seq: number) => void;
}

export function Bubble({ message, grouped, last, marked, conversation, jump, ...actions }: Props) {
  if (message.system)
    return (
      <p class="chat-line" data-seq={message.seq}>
        {lineText(message, conversation)}
      </p>
    );
  if (message.hidden) return <span class="chat-hidden" data-seq={message.seq} />;
  const own = message.senderId === subject.value;
  const inGroup = conversation.kind === 'group' && !own;
  const sender = personOf(message.senderId, conversation);
  return (
    <div
      class={`bubble-row ${own ? 'is-own' : ''} ${grouped ? 'is-grouped' : ''} ${marked ? 'is-marked' : ''}`}
      data-seq={message.seq}>
      {inGroup && (grouped ? <span class="bubble-space" /> : <Avatar of={sender} size={32} />)}
      <div class={`bubble ${own ? 'is-own' : ''} ${grouped ? 'is-grouped' : ''}`} data-seq={message.seq}>
        {inGroup && !grouped && <bdi class="bubble-name">{sender.displayName}</bdi>}
        <div class="bubble-body">
          <Content message={message} conversation={conversation} jump={jump} />
          {!message.deleted && <MessageMenu message={message} conversation={conversation} {...actions} />}
        </div>
        <Reactions message={message} conversation={conversation} />
        <span class="bubble-meta">
          <time dateTime={message.at} title={fullTime(message.at)}>
            {clock(message.at)}
          </time>
          {message.editedAt && <span> · {t('chat.edited')}</span>}
          {own && last && !message.deleted && <Receipt message={message} conversation={conversation} />}
        </span>
      </div>
    </div>
  );
}

/** The delivery state; in a group, a link to the list of readers. */
function Receipt({ message, conversation }: Pick<Props, 'message' | 'conversation'>) {
  const [open, setOpen] = useState(false);
  const text = receiptOf(message.seq, conversation);
  if (!hasReceipts(message, conversation)) return <span class="bubble-state">{text}</span>;
  return (
    <>
      <button type="button" class="link-button bubble-state" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {text}
      </button>
      {open && <SeenBy message={message} conversation={conversation} onClose={() => setOpen(false)} />}
    </>
  );
}

function Content({ message, conversation, jump }: Pick<Props, 'message' | 'conversation' | 'jump'>) {
  if (message.deleted) return <p class="bubble-text is-deleted">{t('chat.deleted')}</p>;
  const emojiOnly =
    !message.media.length &&
    !message.replyTo &&
    /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}){1,12}$/u.test(message.text) &&
    !/^[\d#*]+$/.test(message.text);
  return (
    <div class={`bubble-content ${emojiOnly ? 'is-emoji' : ''}`}>
      {message.replyTo !== null && <Quote seq={message.replyTo} conversation={conversation} jump={jump} />}
      {message.media.length > 0 && <MediaGrid media={message.media} renew={() => renewMessage(message)} />}
      {message.text && (
        <p class="bubble-text">
          <RichText text={message.text} entities={message.entities} />
        </p>
      )}
    </div>
  );
}

function Reactions({ message, conversation }: Pick<Props, 'message' | 'conversation'>) {
  if (!message.reactions.length) return null;
  const mine = subject.value ?? '';
  return (
    <span class="reactions">
      {message.reactions.map(({ emoji, userIds }) => (
        <button
          key={emoji}
          type="button"
          class="reaction"
          aria-pressed={userIds.includes(mine)}
          aria-label={t('chat.reacted', emoji, userIds.map((id) => nameOf(id, conversation)).join(', '))}
          title={userIds
            .slice(0, 20)
            .map((id) => nameOf(id, conversation))
            .join(', ')}
          onClick={() => void toggleMessageReaction(message, emoji).catch(showError)}>
          {emoji}
          {userIds.length > 1 && <span>{userIds.length}</span>}
        </button>
      ))}
    </span>
  );
}
