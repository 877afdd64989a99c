import type { Notification, NotificationType } from '../api/types';
import { profile } from '../auth/session';
import { isKey, t } from '../i18n';
import { fullTime, shortTime } from '../lib/time';
import { isNew, markNotificationRead } from '../state/notifications';
import { language } from '../state/settings';
import { Avatar } from './avatar';
import { Icon, type IconName } from './icon';
import { RequestAnswers } from './request-answers';

const ICONS: Record<NotificationType, IconName> = {
  mention: 'at',
  reply: 'reply',
  quote: 'pen',
  repost: 'refresh',
  like: 'heart',
  reaction: 'heart',
  follow: 'user',
  follow_request: 'users',
  follow_accepted: 'check',
  message: 'chat',
  missed_call: 'phone',
  poll_ended: 'filter',
  scheduled_post: 'send',
  moderation: 'shield',
  live: 'live',
};
/** Kinds whose count is of people, not of messages. */
const COUNTS_PEOPLE: ReadonlySet<NotificationType> = new Set([
  'like',
  'reaction',
  'repost',
  'follow',
  'follow_request',
  'follow_accepted',
]);

/** The page of the notification's subject. */
export function target(item: Notification): string {
  const self = profile.value;
  if (item.type === 'follow_request' && item.count > 1) return '/settings/follow-requests';
  if (item.type.startsWith('follow') && item.count > 1 && self) return `/@${self.handle}/followers`;
  if (item.type.startsWith('follow') && item.actor) return `/@${item.actor.handle}`;
  if (item.liveId) return `/live/${item.liveId}`;
  if (item.conversationId) return `/messages/${item.conversationId}`;
  if (item.postId && item.detail !== 'hide') return `/posts/${item.postId}`;
  return item.actor?.handle ? `/@${item.actor.handle}` : '/notifications';
}

/** The action, after the name or as a sentence of its own. */
export function sentence(item: Notification): string {
  if (item.type === 'reaction') return t('notifications.event.reaction', item.detail ?? '');
  const special = `notifications.event.${item.type}.${item.detail}`;
  if (item.detail && isKey(special)) return t(special as 'notifications.new');
  if (item.type === 'message') return t('notifications.event.message', item.count);
  if (item.type === 'moderation') return t('notifications.event.moderation.other');
  if (item.type === 'scheduled_post') return t('notifications.event.scheduled_post.published');
  return t(`notifications.event.${item.type}`);
}

export function NotificationRow({ item }: { item: Notification }) {
  const others = COUNTS_PEOPLE.has(item.type) ? item.count - 1 : 0;
  return (
    <div class={`notification ${isNew(item) ? 'is-new' : ''}`} data-type={item.type} data-id={item.id}>
      <a
        class="notification-link"
        href={target(item)}
        onClick={() => void markNotificationRead(item).catch(() => undefined)}>
        <span class={`notification-icon notification-${item.type}`}>
          {item.type === 'reaction' && item.detail ? (
            <span class="notification-emoji" aria-hidden="true">
              {item.detail}
            </span>
          ) : (
            <Icon name={ICONS[item.type]} size={22} filled={item.type === 'like'} />
          )}
        </span>
        <span class="notification-main">
          {item.actors.length > 0 && (
            <span class="avatar-stack">
              {item.actors.map((actor) => (
                <Avatar key={actor.id} of={actor} size={36} />
              ))}
            </span>
          )}
          <span class="notification-line">
            {item.actor && (
              <>
                <b>
                  <bdi>{item.actor.displayName || t('app.deletedAccount')}</bdi>
                </b>
                {t('notifications.andOthers', others)}
                {language.value === 'ja' ? '' : ' '}
              </>
            )}
            {sentence(item)}
            <time class="muted" dateTime={item.at} title={fullTime(item.at)}>
              {' '}
              · {shortTime(item.at)}
            </time>
          </span>
          {item.preview && <bdi class="notification-preview muted">{item.preview}</bdi>}
        </span>
        {isNew(item) && <span class="visually-hidden">{t('notifications.new')}</span>}
      </a>
      {item.type === 'follow_request' && <RequestAnswers item={item} />}
      {isNew(item) && (
        <button
          type="button"
          class="icon-button notification-read"
          aria-label={t('notifications.readOne')}
          title={t('notifications.readOne')}
          onClick={() => void markNotificationRead(item).catch(() => undefined)}>
          <span class="notification-dot" aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
