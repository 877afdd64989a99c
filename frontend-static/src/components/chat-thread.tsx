import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Author, Message } from '../api/types';
import { subject } from '../auth/session';
import { t } from '../i18n';
import { clock, dayName } from '../lib/time';
import { placeCall } from '../state/calls';
import { conversations, loadOlderMessages, loadThread, markRead, openId, resend, sendMessage, sendTyping, thread, type Outgoing } from '../state/chat';
import { connection } from '../state/live';
import { toastError } from '../state/toasts';
import { Avatar } from './avatar';
import { Failure, PostSkeleton } from './feedback';
import { Icon } from './icon';
import { back } from '../router';

export function ChatThread({ id }: { id: string }) {
  const error = useSignal<unknown>(null);
  const load = () => loadThread(id).then(() => (error.value = null), (failure: unknown) => (error.value = failure));
  useEffect(() => {
    openId.value = id;
    void load();
    const read = () => document.visibilityState === 'visible' && markRead(id);
    document.addEventListener('visibilitychange', read);
    return () => {
      openId.value = null;
      document.removeEventListener('visibilitychange', read);
    };
  }, [id]);
  const state = thread(id);
  const last = state.messages.at(-1)?.seq;
  useEffect(() => {
    if (document.visibilityState === 'visible') markRead(id);
  }, [id, last, conversations.value === null]);
  const conversation = conversations.value?.find((item) => item.id === id);
  const other = conversation?.members.find((member) => member.id !== subject.value);
  if (!state.loaded && error.value) return <Failure error={error.value} retry={() => void load()} />;
  return (
    <>
      <ThreadHead other={other} />
      {connection.value === 'waiting' || connection.value === 'connecting' ? <p class="chat-banner" role="status">{t('app.reconnecting')}</p> : null}
      {state.loaded ? <Log id={id} other={other} /> : <PostSkeleton count={3} />}
      <MessageField id={id} name={other?.displayName ?? ''} />
    </>
  );
}

function ThreadHead({ other }: { other: Author | undefined }) {
  const call = (media: 'audio' | 'video') => other && void placeCall(other, media).catch(toastError);
  return (
    <header class="page-head chat-head">
      <button type="button" class="icon-button only-narrow" aria-label={t('app.back')} onClick={() => back('/messages')}><Icon name="back" /></button>
      {other && <a class="chat-who" href={`/@${other.handle}`}><Avatar of={other} size={38} /><span><b>{other.displayName}</b><span class="muted">@{other.handle}</span></span></a>}
      <span class="spacer" />
      <button type="button" class="icon-button" aria-label={t('profile.call')} onClick={() => call('audio')}><Icon name="phone" /></button>
      <button type="button" class="icon-button" aria-label={t('profile.videoCall')} onClick={() => call('video')}><Icon name="film" /></button>
    </header>
  );
}

function Log({ id, other }: { id: string; other: Author | undefined }) {
  const { messages, outgoing, older, loadingOlder, readByOther, typingUntil } = thread(id);
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const first = messages[0]?.seq;
  const tail = `${messages.at(-1)?.seq}/${outgoing.length}/${typingUntil > 0}`;
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [tail]);
  useLayoutEffect(() => {
    // Older messages came in above: stay at what was being read.
    if (box.current && height.current) box.current.scrollTop += box.current.scrollHeight - height.current;
    height.current = 0;
  }, [first]);
  const showOlder = () => {
    height.current = box.current?.scrollHeight ?? 0;
    void loadOlderMessages(id).catch(toastError);
  };
  return (
    <div class="chat-log" ref={box} role="log" aria-label={t('chat.log')} tabIndex={0}>
      {older ? <button type="button" class="button button-small chat-older" disabled={loadingOlder} onClick={showOlder}>{t('chat.older')}</button> : <p class="muted chat-first">{t('chat.first')}</p>}
      {messages.map((message, index) => <Bubble key={message.seq} message={message} previous={messages[index - 1]} read={message.seq <= readByOther} last={index === messages.length - 1 && outgoing.length === 0} />)}
      {outgoing.map((item) => <OutgoingBubble key={item.clientMessageId} id={id} item={item} />)}
      {typingUntil > Date.now() && other && <p class="typing" aria-live="polite"><span class="dots" aria-hidden="true"><i /><i /><i /></span><span class="muted">{t('chat.typing', other.displayName)}</span></p>}
    </div>
  );
}

function Bubble({ message, previous, read, last }: { message: Message; previous: Message | undefined; read: boolean; last: boolean }) {
  const own = message.senderId === subject.value;
  const newDay = !previous || new Date(previous.at).toDateString() !== new Date(message.at).toDateString();
  const grouped = !newDay && previous?.senderId === message.senderId && Date.parse(message.at) - Date.parse(previous.at) < 180_000;
  return (
    <>
      {newDay && <p class="chat-day"><span>{dayName(message.at)}</span></p>}
      <div class={`bubble ${own ? 'is-own' : ''} ${grouped ? 'is-grouped' : ''}`} data-seq={message.seq}>
        <p>{message.text}</p>
        <span class="bubble-meta">
          <time dateTime={message.at}>{clock(message.at)}</time>
          {own && last && <span class="bubble-state">{read ? t('chat.read') : t('chat.sent')}</span>}
        </span>
      </div>
    </>
  );
}

function OutgoingBubble({ id, item }: { id: string; item: Outgoing }) {
  return (
    <div class={`bubble is-own is-${item.delivery}`}>
      <p>{item.text}</p>
      <span class="bubble-meta" role="status">
        {item.delivery === 'failed' ? <>{t('chat.failed')} · <button type="button" class="link-button" onClick={() => void resend(id, item.clientMessageId)}>{t('chat.retry')}</button></> : t('chat.sending')}
      </span>
    </div>
  );
}

const MAX_MESSAGE = 2000;

function MessageField({ id, name }: { id: string; name: string }) {
  const text = useSignal('');
  const send = () => {
    const value = text.value.trim();
    if (!value) return;
    text.value = '';
    void sendMessage(id, value);
  };
  return (
    <form class="chat-field" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <div class="grow" data-value={text.value}>
        <textarea rows={1} maxLength={MAX_MESSAGE} value={text.value} aria-label={t('chat.placeholder', name)} placeholder={t('chat.placeholder', name)}
          onInput={(event) => { text.value = event.currentTarget.value; if (text.value.trim()) sendTyping(id); }}
          onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); } }} />
      </div>
      <button type="submit" class="icon-button is-primary" aria-label={t('chat.send')} disabled={!text.value.trim()}><Icon name="send" size={20} /></button>
    </form>
  );
}
