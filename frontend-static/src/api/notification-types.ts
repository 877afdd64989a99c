/** Shapes of notifications, their settings and the devices that take pushes. */
import type { Author } from './basic-types';

export const NOTIFICATION_TYPES = [
  'mention',
  'reply',
  'quote',
  'repost',
  'like',
  'reaction',
  'follow',
  'follow_request',
  'follow_accepted',
  'message',
  'missed_call',
  'poll_ended',
  'scheduled_post',
  'moderation',
] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

export interface Notification {
  id: string;
  type: NotificationType;
  at: string;
  /** Null where it is nobody's deed. */
  actor: Author | null;
  /** The latest three of those who did it. */
  actors: Author[];
  /** How many events of one kind about one thing this stands for. */
  count: number;
  postId?: string | null;
  conversationId?: string | null;
  callId?: string | null;
  preview?: string | null;
  /** For programs: a reaction's emoji, what moderators decided. */
  detail?: string | null;
  read: boolean;
}

/** Of two counts the one of the higher revision is right. */
export interface Unread {
  count: number;
  /** Left out of `count`: told before their reader blocked or muted. Frames count them. */
  hidden: number;
  revision: number;
}

export const CHANNELS = ['inApp', 'webPush', 'mobile'] as const;
export type Channel = (typeof CHANNELS)[number];
export type Audience = 'everyone' | 'following' | 'nobody';

export interface QuietHours {
  enabled: boolean;
  /** `HH:MM`, over midnight too. */
  start: string;
  end: string;
  /** IANA name. */
  timeZone: string;
}

export interface NotificationSettings {
  types: { type: NotificationType; channels: Record<Channel, { audience: Audience; choices: Audience[] }> }[];
  quietHours: QuietHours;
}

export interface SettingsChange {
  types?: Partial<Record<NotificationType, Partial<Record<Channel, Audience>>>>;
  quietHours?: QuietHours;
}

export interface PushDevice {
  id: string;
  channel: 'webPush' | 'mobile';
  name: string;
  service: string;
  createdAt: string;
  lastUsedAt: string | null;
  failure: string | null;
}
