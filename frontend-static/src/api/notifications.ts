/** Operations on notifications, their settings and devices. */
import { request } from './client';
import type {
  Notification,
  NotificationSettings,
  NotificationType,
  Page,
  PushDevice,
  SettingsChange,
  Unread,
} from './types';

const at = encodeURIComponent;

export const notificationsApi = {
  list: (query: { cursor?: string | null; types?: readonly NotificationType[] }) =>
    request<Page<Notification>>('GET', '/v1/notifications', {
      query: { cursor: query.cursor, types: query.types?.join(',') },
    }),
  unread: () => request<Unread>('GET', '/v1/notifications/unread'),
  readAll: (upTo: string) => request<void>('PUT', '/v1/notifications/read', { body: { upTo } }),
  seen: (upTo: string) => request<void>('PUT', '/v1/notifications/seen', { body: { upTo } }),
  readOne: (id: string) => request<void>('PUT', `/v1/notifications/${at(id)}/read`),
  settings: () => request<NotificationSettings>('GET', '/v1/notifications/settings'),
  changeSettings: (body: SettingsChange) =>
    request<NotificationSettings>('PATCH', '/v1/notifications/settings', { body }),
  devices: () => request<{ items: PushDevice[] }>('GET', '/v1/push-subscriptions'),
  subscribe: (subscription: PushSubscriptionJSON, name: string) =>
    request<void>('PUT', '/v1/push-subscriptions', {
      body: { endpoint: subscription.endpoint, keys: subscription.keys, name },
    }),
  unsubscribe: (endpoint: string) => request<void>('DELETE', '/v1/push-subscriptions', { body: { endpoint } }),
  removeDevice: (id: string) => request<void>('DELETE', `/v1/push-subscriptions/${at(id)}`),
  testDevice: (id: string) => request<void>('POST', `/v1/push-subscriptions/${at(id)}/test`),
};
