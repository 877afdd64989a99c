import { useEffect } from 'preact/hooks';
import type { Notification, NotificationType } from '../api/types';
import { Avatar } from '../components/avatar';
import { Empty } from '../components/feedback';
import { FeedList } from '../components/feed-list';
import { Icon, type IconName } from '../components/icon';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { fullTime, shortTime } from '../lib/time';
import { language } from '../state/settings';
import { markAllRead, notificationFeed, unread } from '../state/notifications';

const ICONS: Record<NotificationType, IconName> = { follow: 'user', like: 'heart', reply: 'reply', mention: 'at', message: 'chat', missed_call: 'phone' };

export function NotificationsPage() {
  const feed = notificationFeed.value;
  useEffect(() => {
    if (feed.status.value === 'ready') void feed.newer();
  }, [feed]);
  useEffect(() => {
    if (feed.status.value === 'ready' && document.visibilityState === 'visible') void markAllRead().catch(() => undefined);
  }, [feed.status.value, feed.items.value, unread.value]);
  return (
    <>
      <PageHead title={t('notifications.title')} />
      <FeedList feed={feed} keyOf={(item) => item.id} row={(item) => <Row item={item} />}
        empty={<Empty icon="bell" title={t('notifications.empty')} hint={t('notifications.emptyHint')} />} />
    </>
  );
}

function target(item: Notification): string {
  if (item.type === 'follow') return `/@${item.actor.handle}`;
  if (item.postId) return `/posts/${item.postId}`;
  return item.conversationId ? `/messages/${item.conversationId}` : `/@${item.actor.handle}`;
}

function Row({ item }: { item: Notification }) {
  return (
    <a class={`notification ${item.read ? '' : 'is-new'}`} href={target(item)} data-type={item.type}>
      <span class={`notification-icon notification-${item.type}`}><Icon name={ICONS[item.type]} size={22} filled={item.type === 'like'} /></span>
      <span class="notification-main">
        <Avatar of={item.actor} size={38} />
        <span class="notification-line">
          <b>{item.actor.displayName}</b>{t('notifications.others', item.type === 'like' ? item.count - 1 : 0)}{language.value === 'ja' ? '' : ' '}{t(`notifications.${item.type}`)}
          <time class="muted" dateTime={item.at} title={fullTime(item.at)}> · {shortTime(item.at)}</time>
        </span>
        {item.preview && <span class="notification-preview muted">{item.preview}</span>}
      </span>
      {!item.read && <span class="visually-hidden">{t('notifications.new')}</span>}
    </a>
  );
}
