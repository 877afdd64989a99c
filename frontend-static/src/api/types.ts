/** Shapes of the HTTP API v1 and the socket frames. Times are RFC 3339 UTC; ids are ULIDs, user ids are Cognito `sub`s. */

import type { ChatEvents } from './chat-types';
import type { PostViewer, Quote, ReplyPolicy, Repost } from './engagement';
import type { Poll } from './life';
import type { Notification } from './notification-types';

export type { Conversation, Member, Message, Role } from './chat-types';

export type Visibility = 'public' | 'unlisted' | 'followers' | 'mentioned';
export type MediaKind = 'photo' | 'video' | 'audio';
export type MediaState = 'pending' | 'processing' | 'ready' | 'rejected';

export interface Author {
  id: string;
  handle: string;
  displayName: string;
  avatarUrl: string | null;
}

/** How the viewer and somebody stand to each other. */
export interface Relationship {
  self: boolean;
  following: boolean;
  followedBy: boolean;
  requested: boolean;
  requestedBy: boolean;
  blocking: boolean;
  blockedBy: boolean;
  muting: boolean;
}

/** Somebody in a list. */
export interface Person extends Author {
  bio: string;
  relationship: Relationship;
}

export interface ProfileField {
  name: string;
  value: string;
}

export interface Profile extends Person {
  headerUrl: string | null;
  fields: ProfileField[];
  /** Why moderators suspended the person, or null. */
  suspended: string | null;
  locale: string;
  createdAt: string;
  /** Whoever wants to follow must ask. */
  locked: boolean;
  counts: { followers: number; following: number; posts: number };
}

export interface Media {
  id: string;
  kind: MediaKind;
  state: MediaState;
  contentType: string;
  bytes: number;
  width?: number;
  height?: number;
  durationMs?: number;
  altText: string;
  url: string | null;
  thumbnailUrl: string | null;
  /** The same photo in further sizes and formats. */
  variants?: { url: string; width: number; contentType: string }[];
  /** A `data:` URL of a few pixels. */
  placeholder?: string;
  /** Loudness of sound over time, 0 to 100. */
  peaks?: number[];
  reason?: string;
}

export interface UploadPart {
  number: number;
  bytes: number;
  done: boolean;
  url: string | null;
}

export interface UploadParts {
  partBytes: number;
  parts: UploadPart[];
  expiresAt: string;
}

export interface Entities {
  tags: string[];
  mentions: { handle: string; userId: string }[];
  links: string[];
}

export interface Post {
  id: string;
  author: Author;
  text: string;
  lang: string;
  createdAt: string;
  visibility: Visibility;
  replyTo: string | null;
  media: Media[];
  entities: Entities;
  contentWarning: string | null;
  /** Photos and videos stay blurred until the reader opens them. */
  sensitive: boolean;
  replyPolicy: ReplyPolicy;
  quote: Quote | null;
  repost: Repost | null;
  counts: { likes: number; replies: number; reposts: number; quotes: number };
  reactions: { emoji: string; count: number }[];
  viewer: PostViewer;
  /** Why moderators hid it; only its author still gets it. */
  hidden: string | null;
  version: number;
  editedAt: string | null;
  poll: Poll | null;
}

export type CallMedia = 'audio' | 'video';
export type CallState =
  | 'ringing'
  | 'accepted'
  | 'connected'
  | 'ended'
  | 'declined'
  | 'busy'
  | 'missed'
  | 'cancelled'
  | 'failed';

export type CallReason = 'no_answer' | 'in_another_call' | 'caller_left' | 'callee_left' | 'both_left';

export interface Call {
  id: string;
  callerId: string;
  calleeId: string;
  media: CallMedia;
  state: CallState;
  createdAt: string;
  endedAt?: string | null;
  reason?: CallReason | null;
}

export interface Page<T> {
  items: T[];
  older: string | null;
  newer: string | null;
}

export interface Timeline extends Page<Post> {
  /** What one missed while away is being made up for: there is more to come. */
  rebuilding: boolean;
  /** A frame tells of every post that comes; `false` for who follows somebody whose posts are merged when read. */
  live: boolean;
}

/** A piece of a found text; `match` says whether the query found it. */
export interface HighlightSegment {
  text: string;
  match: boolean;
}

export interface PostHit {
  post: Post;
  /** The whole text in pieces; empty when nothing is marked. */
  highlight: HighlightSegment[];
}

export interface TagHit {
  tag: string;
  posts: number;
}

export interface Suggestions {
  people: Author[];
  tags: TagHit[];
  queries: string[];
}

export interface Trend extends TagHit {
  people: number;
  /** Posts of the window by those of the window before it. */
  growth: number;
}

/** Values of `lang`, `has` and `tags` among the results; with the first page only. */
export type Facets = Partial<Record<'lang' | 'has' | 'tags', { value: string; count: number }[]>>;

export interface PostHits extends Page<PostHit> {
  facets: Facets;
  total: number;
  /** The query with misspelt words put right, when only that finds something. */
  didYouMean: string | null;
}

export interface SavedSearch {
  id: string;
  name: string;
  query: string;
  savedAt: string;
}

export interface UploadTicket {
  media: Media;
  upload: { url: string; fields: Record<string, string>; expiresAt: string };
  /** In place of `upload` when a resumable one was asked for. */
  parts?: UploadParts;
}

export interface FieldError {
  field: string;
  expected: string;
  got?: unknown;
}

/** RFC 9457 problem document. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldError[];
}

/** Server events by type: `{"type", "eventId", "at", "data"}`. */
export interface ServerEvents extends ChatEvents {
  'notification.created': { notification: Notification; unread: number; revision: number };
  'notification.unread': { unread: number; revision: number; readUpTo: string | null; readId: string | null };
  'timeline.posted': { postId: string; authorId: string };
  'media.updated': { media: Media };
  'call.ringing': { call: Call };
  'call.accepted': { call: Call };
  'call.ended': { call: Call };
  'call.signal': CallSignal;
}

export interface CallSignal {
  callId: string;
  from: string;
  description?: RTCSessionDescriptionInit | null;
  candidate?: RTCIceCandidateInit | null;
}

export type ServerEvent = {
  [K in keyof ServerEvents]: { type: K; eventId: string; at: string; data: ServerEvents[K] };
}[keyof ServerEvents];
