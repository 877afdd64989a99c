import { useEffect } from 'preact/hooks';
import type { Author, Conversation } from '../api/types';
import { subject } from '../auth/session';
import { Avatar } from '../components/avatar';
import { ChatThread } from '../components/chat-thread';
import { Empty, Failure, PostSkeleton } from '../components/feedback';
import { t } from '../i18n';
import { shortTime } from '../lib/time';
import { conversations, conversationsError, loadConversations } from '../state/chat';

export function otherMember(conversation: Conversation): Author | undefined {
  return conversation.members.find((member) => member.id !== subject.value) ?? conversation.members[0];
}

/** Conversations at the left, the chosen one at the right; on a phone one of the two. */
export function MessagesPage({ id }: { id: string | null }) {
  useEffect(() => {
    void loadConversations();
    document.title = `${t('chat.title')} · asyncsns`;
  }, []);
  return (
    <div class={`chat ${id ? 'has-thread' : ''}`}>
      <h1 class="visually-hidden" tabIndex={-1}>{t('chat.title')}</h1>
      <section class="chat-list" aria-label={t('chat.conversations')}>
        <header class="page-head"><h2>{t('chat.title')}</h2></header>
        <List current={id} />
      </section>
      <section class="chat-main" aria-label={t('chat.title')}>
        {id ? <ChatThread id={id} key={id} /> : <Empty icon="chat" title={t('chat.choose')} hint={t('chat.chooseHint')} />}
      </section>
    </div>
  );
}

function List({ current }: { current: string | null }) {
  const items = conversations.value;
  if (!items && conversationsError.value) return <Failure error={conversationsError.value} retry={() => void loadConversations()} />;
  if (!items) return <PostSkeleton count={3} />;
  if (items.length === 0) return <Empty icon="chat" title={t('chat.empty')} hint={t('chat.emptyHint')} />;
  return <ul>{items.map((item) => <li key={item.id}><Row item={item} current={item.id === current} /></li>)}</ul>;
}

function Row({ item, current }: { item: Conversation; current: boolean }) {
  const other = otherMember(item);
  if (!other) return null;
  const last = item.lastMessage;
  return (
    <a class={`conversation ${item.unread ? 'is-new' : ''}`} href={`/messages/${item.id}`} aria-current={current ? 'page' : undefined}>
      <Avatar of={other} size={48} />
      <span class="conversation-main">
        <span class="conversation-head"><b>{other.displayName}</b>{last && <time class="muted" dateTime={last.at}>{shortTime(last.at)}</time>}</span>
        <span class="conversation-last muted">{last ? `${last.senderId === subject.value ? `${t('chat.you')} ` : ''}${last.text}` : ''}</span>
      </span>
      {item.unread > 0 && <span class="badge badge-inline"><span aria-hidden="true">{item.unread}</span><span class="visually-hidden">{t('nav.unread', item.unread)}</span></span>}
    </a>
  );
}
