/** The API's types: all of the generated `schema.ts`, and the UI's names for parts of them. */
import type {
  Draft as AnyDraft,
  ScheduledPost as AnyScheduledPost,
  Call,
  ChangeSettings,
  Decision,
  Export,
  GiveRole,
  Measure,
  Media,
  PageOfPost,
  PostContent,
  PostHit,
  SearchPage,
  SendMessage,
  SocketEvents,
} from './schema';

export type * from './schema';
export {
  channelValues as CHANNELS,
  moderationReasonValues as REASONS,
  notificationTypeValues as NOTIFICATION_TYPES,
} from './schema';

export type CallMedia = Call['media'];
export type MediaKind = Media['kind'];
export type Role = GiveRole['role'];
export type SettingsChange = ChangeSettings;
export type NewMessage = SendMessage;
export type ModerationAction = Measure;
export type DecisionKind = Decision;
export type AccountExport = Export;

/** A page of any list. */
export type Page<T> = Omit<PageOfPost, 'items'> & { items: T[] };
export type PostHits = Omit<SearchPage, 'items'> & { items: PostHit[] };
export type Facets = NonNullable<SearchPage['facets']>;

/** Only the composer writes and reads this content. */
export type Draft = Omit<AnyDraft, 'content'> & { content: PostContent };
export type ScheduledPost = Omit<AnyScheduledPost, 'post'> & { post: PostContent };

export type ServerEvents = SocketEvents;
export type ServerEvent = {
  [K in keyof ServerEvents]: { type: K; eventId: string; at: string; data: ServerEvents[K] };
}[keyof ServerEvents];
