/** The operations of chat by name. */

import { request } from './client';
import type {
  ChatSettings,
  Conversation,
  FoundMessages,
  JoinLink,
  LinkPreview,
  Message,
  MessagePage,
  NewMessage,
  Page,
  Role,
} from './types';

const at = encodeURIComponent;
const one = (id: string, rest = ''): string => `/v1/conversations/${at(id)}${rest}`;

export const chatApi = {
  conversations: (query: { cursor?: string | null; limit?: number; folder?: 'inbox' | 'requests' } = {}) =>
    request<Page<Conversation>>('GET', '/v1/conversations', { query }),
  conversation: (id: string) => request<Conversation>('GET', one(id)),
  openConversation: (memberId: string) => request<Conversation>('POST', '/v1/conversations', { body: { memberId } }),

  messages: (id: string, query: { cursor?: string | null; limit?: number; around?: number }) =>
    request<MessagePage>('GET', one(id, '/messages'), { query }),
  changes: (id: string, after: number) =>
    request<{ items: Message[]; rev: number; more: boolean }>('GET', one(id, '/changes'), {
      query: { after, limit: 50 },
    }),
  searchMessages: (id: string, q: string, before: number | null) =>
    request<FoundMessages>('GET', one(id, '/search'), { query: { q, before, limit: 30 } }),
  sendMessage: (id: string, body: NewMessage) =>
    request<Message>('POST', one(id, '/messages'), { body, idempotencyKey: body.clientMessageId }),
  editMessage: (id: string, seq: number, text: string) =>
    request<Message>('PUT', one(id, `/messages/${seq}`), { body: { text } }),
  deleteMessage: (id: string, seq: number, scope: 'all' | 'me') =>
    request<void>('DELETE', `${one(id, `/messages/${seq}`)}?for=${scope}`),
  react: (id: string, seq: number, emoji: string) =>
    request<Message>('PUT', one(id, `/messages/${seq}/reaction`), { body: { emoji } }),
  unreact: (id: string, seq: number) => request<void>('DELETE', one(id, `/messages/${seq}/reaction`)),
  markConversationRead: (id: string, seq: number) => request<void>('PUT', one(id, '/read'), { body: { seq } }),
  answerRequest: (id: string, accept: boolean) => request<void>('PUT', one(id, '/request'), { body: { accept } }),
  /** Blocks the sender of an unwanted request. */
  blockSender: (userId: string) => request<void>('PUT', `/v1/blocks/${at(userId)}`),
  mute: (id: string, hours: number | null) => request<void>('PUT', one(id, '/mute'), { body: { hours } }),
  unmute: (id: string) => request<void>('DELETE', one(id, '/mute')),

  createGroup: (body: { clientGroupId: string; title: string; userIds: string[]; avatarMediaId?: string }) =>
    request<Conversation>('POST', '/v1/conversations/groups', { body, idempotencyKey: body.clientGroupId }),
  updateGroup: (id: string, body: { title?: string; avatarMediaId?: string }) =>
    request<void>('PUT', one(id), { body }),
  addMembers: (id: string, userIds: string[]) => request<void>('POST', one(id, '/members'), { body: { userIds } }),
  removeMember: (id: string, userId: string) => request<void>('DELETE', one(id, `/members/${at(userId)}`)),
  giveRole: (id: string, userId: string, role: Role) =>
    request<void>('PUT', one(id, `/members/${at(userId)}`), { body: { role } }),
  groupLink: (id: string) => request<{ link: JoinLink | null }>('GET', one(id, '/link')),
  makeGroupLink: (id: string, hours: number) => request<JoinLink>('PUT', one(id, '/link'), { body: { hours } }),
  revokeGroupLink: (id: string) => request<void>('DELETE', one(id, '/link')),
  previewLink: (token: string) => request<LinkPreview>('GET', `/v1/conversations/links/${at(token)}`),
  joinGroup: (token: string) => request<Conversation>('POST', '/v1/conversations/join', { body: { token } }),

  chatSettings: () => request<ChatSettings>('GET', '/v1/chat/settings'),
  saveChatSettings: (body: ChatSettings) => request<ChatSettings>('PUT', '/v1/chat/settings', { body }),
};
