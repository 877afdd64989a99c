/** Reposts, quotes, reactions, bookmarks, pins and threads. */
import { request } from './client';
import type { Page, Person, Post, Reactor, Thread } from './types';

type Paging = { cursor?: string | null; limit?: number };
const at = (id: string) => `/v1/posts/${encodeURIComponent(id)}`;

export const engagement = {
  repost: (id: string) => request<void>('PUT', `${at(id)}/repost`),
  unrepost: (id: string) => request<void>('DELETE', `${at(id)}/repost`),
  react: (id: string, emoji: string) => request<void>('PUT', `${at(id)}/reaction`, { body: { emoji } }),
  unreact: (id: string) => request<void>('DELETE', `${at(id)}/reaction`),
  bookmark: (id: string) => request<void>('PUT', `${at(id)}/bookmark`),
  unbookmark: (id: string) => request<void>('DELETE', `${at(id)}/bookmark`),
  pin: (id: string) => request<void>('PUT', `${at(id)}/pin`),
  unpin: (id: string) => request<void>('DELETE', `${at(id)}/pin`),
  thread: (id: string, query: Paging) => request<Thread>('GET', `${at(id)}/thread`, { query }),
  people: (id: string, which: 'likes' | 'reposts', query: Paging) =>
    request<Page<Person>>('GET', `${at(id)}/${which}`, { query }),
  reactions: (id: string, query: Paging) => request<Page<Reactor>>('GET', `${at(id)}/reactions`, { query }),
  quotes: (id: string, query: Paging) => request<Page<Post>>('GET', `${at(id)}/quotes`, { query }),
  bookmarks: (query: Paging) => request<Page<Post>>('GET', '/v1/bookmarks', { query }),
  pins: (userId: string) => request<Page<Post>>('GET', `/v1/users/${encodeURIComponent(userId)}/pins`),
};
