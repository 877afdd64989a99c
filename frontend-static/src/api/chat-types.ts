/** Shapes of chat: see `services/openapi/chat.py`. */
import type { Author, Entities, Media } from './basic-types';

export type Role = 'owner' | 'admin' | 'member';

export interface SystemMessage {
  type: 'created' | 'renamed' | 'pictured' | 'added' | 'joined' | 'left' | 'removed' | 'role';
  userIds: string[];
  title?: string | null;
  role?: Role | null;
}

export interface Message {
  id: string;
  conversationId: string;
  /** Counts from 1 without gaps within its conversation. */
  seq: number;
  senderId: string;
  clientMessageId: string;
  text: string;
  at: string;
  entities: Entities;
  media: Media[];
  replyTo: number | null;
  system: SystemMessage | null;
  reactions: { emoji: string; userIds: string[] }[];
  editedAt: string | null;
  /** For all: the place in the log stays, empty. */
  deleted: boolean;
  /** For oneself alone. */
  hidden: boolean;
  /** Of two states of a message the one with the greater `rev` holds. */
  rev: number;
}

export interface Member extends Author {
  role: Role | null;
  accepted: boolean | null;
  readSeq: number | null;
  deliveredSeq: number | null;
}

export interface Conversation {
  id: string;
  kind: 'direct' | 'group';
  title: string | null;
  avatarUrl: string | null;
  memberCount: number;
  /** Of a group in a list only those whom the last line names. */
  members: Member[];
  lastMessage: Message | null;
  seq: number;
  rev: number;
  unread: number;
  lastReadSeq: number;
  updatedAt: string;
  pending: boolean;
  me: {
    role: Role | null;
    state: 'active' | 'request' | 'declined';
    muted: boolean;
    mutedUntil: string | null;
    since: number;
  };
}

export interface MessagePage {
  items: Message[];
  people: Author[];
  older: string | null;
  newer: string | null;
}

export interface FoundMessages {
  items: Message[];
  people: Author[];
  before: number | null;
}

export interface JoinLink {
  token: string;
  expiresAt: string;
}

export interface LinkPreview {
  conversationId: string | null;
  title: string | null;
  avatarUrl: string | null;
  memberCount: number;
  joined: boolean;
}

export interface ChatSettings {
  whoMayWrite: 'everyone' | 'following' | 'nobody';
  receipts: boolean;
  presence: boolean;
}

export interface Presence {
  online: boolean;
  lastSeenAt: string | null;
}

export interface NewMessage {
  clientMessageId: string;
  text: string;
  mediaIds?: string[];
  replyTo?: number | null;
}

export interface ChatEvents {
  'chat.message': { message: Message };
  'chat.changed': { conversationId: string; rev: number; message: Message };
  'chat.read': { conversationId: string; userId: string; seq: number };
  'chat.delivered': { conversationId: string; userId: string; seq: number };
  'chat.hidden': { conversationId: string; seqs: number[] };
  'chat.updated': { conversationId: string; gone: boolean };
  'chat.typing': { conversationId: string; userId: string };
}
