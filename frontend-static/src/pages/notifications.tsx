import { useEffect } from 'preact/hooks';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { Icon } from '../components/icon';
import { NotificationRow } from '../components/notification-row';
import { PageHead } from '../components/page-head';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { route } from '../router';
import {
  isNew,
  leaveNotifications,
  markAllNotificationsRead,
  markNotificationsSeen,
  NOTIFICATION_FILTERS,
  type NotificationFilter,
  notificationFeeds,
  unreadCount,
} from '../state/notifications';

function chosen(): NotificationFilter {
  const name = route.value.query.get('show') ?? 'all';
  return name in NOTIFICATION_FILTERS ? (name as NotificationFilter) : 'all';
}

export function NotificationsPage() {
  const filter = chosen();
  const feed = notificationFeeds.value[filter];
  useEffect(() => {
    if (feed.status.value === 'ready') void feed.newer();
  }, [feed]);
  useEffect(() => leaveNotifications, []);
  const shown = feed.items.value;
  useEffect(() => {
    if (filter === 'all' && feed.status.value === 'ready' && document.visibilityState === 'visible')
      void markNotificationsSeen().catch(() => undefined);
  }, [filter, shown, unreadCount.value]);
  const tabs = (Object.keys(NOTIFICATION_FILTERS) as NotificationFilter[]).map((name) => ({
    href: name === 'all' ? '/notifications' : `/notifications?show=${name}`,
    label: t(`notifications.filter.${name}`),
    current: name === filter,
  }));
  return (
    <>
      <PageHead title={t('notifications.title')}>
        <button
          type="button"
          class="icon-button"
          disabled={!shown.some(isNew)}
          aria-label={t('notifications.readAll')}
          title={t('notifications.readAll')}
          onClick={() => void markAllNotificationsRead().catch(() => undefined)}>
          <Icon name="checks" />
        </button>
        <a
          class="icon-button"
          href="/settings/notifications"
          aria-label={t('notifications.settings')}
          title={t('notifications.settings')}>
          <Icon name="settings" />
        </a>
      </PageHead>
      <LinkTabs label={t('notifications.filters')} tabs={tabs} />
      <FeedList
        key={filter}
        feed={feed}
        keyOf={(item) => item.id}
        row={(item) => <NotificationRow item={item} />}
        empty={
          <Empty
            icon="bell"
            title={t(filter === 'all' ? 'notifications.empty' : 'notifications.emptyFilter')}
            hint={t('notifications.emptyHint')}
          />
        }
      />
    </>
  );
}
