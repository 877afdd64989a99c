import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Conversation } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { shortTime } from '../../lib/time';
import { chatDraftOf } from '../../state/chat-drafts';
import {
  chatRequests,
  conversations,
  conversationsError,
  conversationTitle,
  hasOlderConversations,
  loadConversations,
  loadOlderConversations,
} from '../../state/conversations';
import { showError } from '../../state/toasts';
import { Empty, Failure, PostSkeleton } from '../feedback';
import { Icon } from '../icon';
import { LinkTabs } from '../tabs';
import { ChatAvatar } from './chat-avatar';
import { nameOf, summary } from './names';
import { NewChat } from './new-chat';

export function ConversationList({ current, folder }: { current: string | null; folder: 'inbox' | 'requests' }) {
  const [starting, setStarting] = useState(false);
  const asked = chatRequests.value.length;
  return (
    <section class="chat-list" aria-label={t('chat.conversations')}>
      <header class="page-head">
        <h2>{t('chat.title')}</h2>
        <span class="spacer" />
        <a class="icon-button" href="/calls" aria-label={t('calls.title')} title={t('calls.title')}>
          <Icon name="phone" />
        </a>
        <button
          type="button"
          class="icon-button"
          aria-label={t('chat.new')}
          title={t('chat.new')}
          onClick={() => setStarting(true)}>
          <Icon name="pen" />
        </button>
      </header>
      <LinkTabs
        label={t('chat.conversations')}
        tabs={[
          { href: '/messages', label: t('chat.inbox'), current: folder === 'inbox' },
          {
            href: '/messages?folder=requests',
            label: asked ? `${t('chat.requests')} (${asked})` : t('chat.requests'),
            current: folder === 'requests',
          },
        ]}
      />
      {folder === 'inbox' ? <Inbox current={current} /> : <Requests current={current} />}
      {starting && <NewChat onClose={() => setStarting(false)} />}
    </section>
  );
}

function Inbox({ current }: { current: string | null }) {
  const items = conversations.value;
  if (!items && conversationsError.value)
    return <Failure error={conversationsError.value} retry={() => void loadConversations()} />;
  if (!items) return <PostSkeleton count={3} />;
  if (items.length === 0) return <Empty icon="chat" title={t('chat.empty')} hint={t('chat.emptyHint')} />;
  return (
    <>
      <Rows items={items} current={current} />
      {hasOlderConversations.value && (
        <button
          type="button"
          class="button button-small chat-older"
          onClick={() => void loadOlderConversations().catch(showError)}>
          {t('app.loadMore')}
        </button>
      )}
    </>
  );
}

function Requests({ current }: { current: string | null }) {
  if (chatRequests.value.length === 0)
    return <Empty icon="mail" title={t('chat.emptyRequests')} hint={t('chat.emptyRequestsHint')} />;
  return (
    <>
      <p class="muted chat-note">{t('chat.emptyRequestsHint')}</p>
      <Rows items={chatRequests.value} current={current} />
    </>
  );
}

function Rows({ items, current }: { items: Conversation[]; current: string | null }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item.id}>
          <Row item={item} current={item.id === current} />
        </li>
      ))}
    </ul>
  );
}

function Row({ item, current }: { item: Conversation; current: boolean }) {
  const last = item.lastMessage;
  return (
    <a
      class={`conversation ${item.unread ? 'is-new' : ''} ${item.me.muted ? 'is-muted' : ''}`}
      href={`/messages/${item.id}`}
      aria-current={current ? 'page' : undefined}>
      <ChatAvatar conversation={item} size={48} />
      <span class="conversation-main">
        <span class="conversation-head">
          <b>
            <bdi>{conversationTitle(item)}</bdi>
          </b>
          {last && (
            <time class="muted" dateTime={last.at}>
              {shortTime(last.at)}
            </time>
          )}
        </span>
        <span class="conversation-foot">
          <span class="conversation-last muted">{preview(item, current)}</span>
          {item.me.muted && (
            <span class="muted" role="img" aria-label={t('chat.muted')}>
              <Icon name="bellOff" size={15} />
            </span>
          )}
        </span>
      </span>
      {item.unread > 0 && (
        <span class="badge badge-inline">
          <span aria-hidden="true">{item.unread > 99 ? '99+' : item.unread}</span>
          <span class="visually-hidden">{t('nav.unreadCount', item.unread)}</span>
        </span>
      )}
    </a>
  );
}

function preview(item: Conversation, current: boolean): ComponentChildren {
  const draft = current ? '' : chatDraftOf(item.id);
  if (draft)
    return (
      <>
        {t('chat.draft')}
        <bdi>{draft}</bdi>
      </>
    );
  const last = item.lastMessage;
  if (!last) return '';
  if (last.system) return summary(last, item);
  const own = last.senderId === subject.value;
  const who = own ? (
    t('chat.you')
  ) : item.kind === 'group' ? (
    <>
      <bdi>{nameOf(last.senderId, item)}</bdi>:{' '}
    </>
  ) : null;
  return (
    <>
      {who}
      <bdi>{summary(last, item)}</bdi>
    </>
  );
}
