import { effect, signal } from '@preact/signals';
import { api } from '../api';
import type { Notification } from '../api/types';
import { createFeed } from './feed';
import { on, onConnected } from './live';

export const unread = signal(0);
const make = () => createFeed<Notification>((cursor) => api.notifications({ cursor }), (item) => item.id);
export const notificationFeed = signal(make());

export async function refreshUnread(): Promise<void> {
  unread.value = (await api.unread()).count;
}

export function resetNotifications(): void {
  unread.value = 0;
  notificationFeed.value = make();
}

/** What is on the screen counts as read. */
export async function markAllRead(): Promise<void> {
  const newest = notificationFeed.value.items.value[0];
  if (!newest || unread.value === 0) return;
  unread.value = 0;
  await api.markRead(newest.id);
}

/** Likes of one post and messages of one conversation are one line that moves up. */
function isSameGroup(one: Notification, other: Notification): boolean {
  const grouped = one.type === 'like' || one.type === 'message';
  return grouped && !one.read && one.type === other.type && one.postId === other.postId && one.conversationId === other.conversationId;
}

export function startNotifications(): void {
  on('notification.created', ({ notification, unread: count }) => {
    unread.value = count;
    const feed = notificationFeed.value;
    if (feed.status.value !== 'ready') return;
    feed.items.value = feed.items.value.filter((item) => !isSameGroup(item, notification));
    feed.prepend(notification);
  });
  on('notification.unread', ({ unread: count }) => (unread.value = count));
  onConnected(() => void refreshUnread().catch(() => undefined));
  effect(() => {
    const count = unread.value;
    const badge = navigator as Navigator & { setAppBadge?(n: number): Promise<void>; clearAppBadge?(): Promise<void> };
    void (count ? badge.setAppBadge?.(count) : badge.clearAppBadge?.())?.catch(() => undefined);
  });
}
