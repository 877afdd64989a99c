import { batch, effect, signal } from '@preact/signals';
import { notificationsApi } from '../api/notifications';
import type { Notification, NotificationType } from '../api/types';
import { createFeed, type Feed } from './feed';
import { applyFollowRequest, resetFollowRequests } from './follow-requests';
import { onConnected, onServerEvent } from './realtime';

/** The filters of the list, with their names in the page's URL. */
export const NOTIFICATION_FILTERS = {
  all: [],
  mentions: ['mention', 'reply', 'quote'],
  reactions: ['like', 'reaction', 'repost'],
  follows: ['follow', 'follow_request', 'follow_accepted'],
  messages: ['message', 'missed_call'],
} as const satisfies Record<string, readonly NotificationType[]>;
export type NotificationFilter = keyof typeof NOTIFICATION_FILTERS;

/** Greater than every id: stands for all notifications. */
const EVERYTHING = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
/** Unread notifications of these types are bundled per subject; others are separate entries. */
const GROUPED: Partial<Record<NotificationType, 'post' | 'conversation' | 'kind'>> = {
  like: 'post',
  reaction: 'post',
  repost: 'post',
  message: 'conversation',
  follow: 'kind',
  follow_request: 'kind',
  follow_accepted: 'kind',
};

type Feeds = Record<NotificationFilter, Feed<Notification>>;
const make = (types: readonly NotificationType[]) =>
  createFeed<Notification>(
    (cursor) => notificationsApi.list({ cursor, types }),
    (item) => item.id,
  );
const makeAll = (): Feeds =>
  Object.fromEntries(Object.entries(NOTIFICATION_FILTERS).map(([name, types]) => [name, make(types)])) as Feeds;

export const unreadCount = signal(0);
export const notificationFeeds = signal<Feeds>(makeAll());
let revision = -1;
/**
 * Unread notifications of people, threads and words that were muted or blocked since: frames count them, the reader
 * does not.
 */
let hidden = 0;

/** Frames and responses may overtake each other: the latest revision wins. */
function count(all: number, at: number): void {
  if (at < revision) return;
  revision = at;
  unreadCount.value = Math.max(0, all - hidden);
}

export async function loadUnreadCount(): Promise<void> {
  const found = await notificationsApi.unread();
  hidden = found.hidden;
  count(found.count + found.hidden, found.revision);
}

/** A mute or block changed: the list and its count are fetched again. */
export function invalidateNotifications(): void {
  notificationFeeds.value = makeAll();
  void loadUnreadCount().catch(() => undefined);
}

export function resetNotifications(): void {
  revision = -1;
  hidden = 0;
  seenMark = '';
  unreadCount.value = 0;
  notificationFeeds.value = makeAll();
  resetFollowRequests();
}

function change(changed: (item: Notification) => Notification): void {
  batch(() => {
    for (const feed of Object.values(notificationFeeds.value)) feed.items.value = feed.items.value.map(changed);
  });
}

function showRead(isRead: (item: Notification) => boolean): void {
  change((item) => (!item.read && isRead(item) ? { ...item, read: true } : item));
}

/** Closes notifications of the service worker: all of them, or those with this tag. */
function closePushes(tag?: string): void {
  void navigator.serviceWorker
    ?.getRegistration()
    .then((worker) => worker?.getNotifications(tag ? { tag } : undefined))
    .then((shown) => shown?.forEach((one) => one.close()))
    .catch(() => undefined);
}

/** Shown at once; the following frame has the exact count. */
export async function markAllNotificationsRead(): Promise<void> {
  showRead(() => true);
  unreadCount.value = 0;
  await notificationsApi.readAll(EVERYTHING).catch(recover);
}

/** The list is visible: its count is cleared, new entries stay marked until the list is left. */
export async function markNotificationsSeen(): Promise<void> {
  if (unreadCount.peek() === 0) return;
  unreadCount.value = 0;
  closePushes();
  await notificationsApi.seen(EVERYTHING).catch(recover);
}

/** The list was left: its new entries are seen. */
export function leaveNotifications(): void {
  change((item) => (isNew(item) ? { ...item, seen: true } : item));
}

/** Neither read nor seen before. */
export function isNew(item: Notification): boolean {
  return !item.read && !item.seen;
}

export async function markNotificationRead(item: Notification): Promise<void> {
  if (item.read) return;
  showRead(({ id }) => id === item.id);
  if (!item.seen) unreadCount.value = Math.max(0, unreadCount.value - 1);
  await notificationsApi.readOne(item.id).catch(recover);
}

/** Replaces entries shown too early by the server's. */
async function recover(error: unknown): Promise<void> {
  await loadUnreadCount().catch(() => undefined);
  throw error;
}

function groupOf(item: Notification): string | null {
  const by = GROUPED[item.type];
  if (!by) return null;
  return `${item.type}#${by === 'post' ? item.postId : by === 'conversation' ? item.conversationId : ''}`;
}

/** The list was seen up to this id; later actions start a new bundle on the server. */
let seenMark = '';

/** The new entry replaces its bundle's unseen entry. */
function put(notification: Notification): void {
  const group = groupOf(notification);
  for (const [name, feed] of Object.entries(notificationFeeds.value) as [NotificationFilter, Feed<Notification>][]) {
    const types: readonly NotificationType[] = NOTIFICATION_FILTERS[name];
    if (feed.status.value !== 'ready' || (types.length && !types.includes(notification.type))) continue;
    if (group)
      feed.items.value
        .filter((item) => isNew(item) && item.id > seenMark && groupOf(item) === group)
        .forEach((item) => feed.remove(item.id));
    feed.prepend(notification);
  }
}

export function startNotifications(): void {
  onServerEvent('notification.created', (data) => {
    count(data.unread, data.revision);
    if (data.notification.type === 'follow_request' && data.notification.actor)
      applyFollowRequest(data.notification.actor);
    put(data.notification);
  });
  onServerEvent('notification.changed', (data) => {
    count(data.unread, data.revision);
    change((item) => (item.id === data.notification.id ? { ...data.notification, seen: item.seen } : item));
  });
  onServerEvent('notification.removed', ({ id, tag, unread: value, revision: at }) => {
    count(value, at);
    for (const feed of Object.values(notificationFeeds.value)) feed.remove(id);
    closePushes(tag);
  });
  onServerEvent('notification.unread', ({ unread: value, revision: at, readUpTo, seenUpTo, readId, tag }) => {
    const upTo = readUpTo ?? seenUpTo;
    if (upTo !== null) hidden = 0;
    if (seenUpTo !== null && seenUpTo > seenMark) seenMark = seenUpTo;
    count(value, at);
    showRead(({ id }) => id === readId || (readUpTo !== null && id <= readUpTo));
    if (tag !== null || upTo !== null) closePushes(tag ?? undefined);
  });
  onConnected(() => void loadUnreadCount().catch(() => undefined));
  effect(() => {
    const value = unreadCount.value;
    const badge = navigator as Navigator & { setAppBadge?(n: number): Promise<void>; clearAppBadge?(): Promise<void> };
    void (value ? badge.setAppBadge?.(value) : badge.clearAppBadge?.())?.catch(() => undefined);
  });
}
