/** Shapes of the HTTP API v1 and the socket frames. */

import type { Author, Entities, Media, Visibility } from './basic-types';
import type { ChatEvents } from './chat-types';
import type { Notification } from './notification-types';
import type { Poll, PostViewer, Quote, ReplyPolicy, Repost } from './post-types';

export type {
  Author,
  Entities,
  FieldError,
  Media,
  MediaKind,
  MediaState,
  ProblemDocument,
  Visibility,
} from './basic-types';
export type { Conversation, Member, Message, Role } from './chat-types';

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
