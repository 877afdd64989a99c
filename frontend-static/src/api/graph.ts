/** Relations between people: follow requests, blocks, mutes, lists. */
import { request } from './client';
import type { MutedThread, MutedWord, Page, PeopleList, Person, Post } from './types';

const at = encodeURIComponent;
type Paging = { cursor?: string | null; limit?: number };

export const graph = {
  /** `requested` when the account is locked and its owner has to accept first. */
  follow: (id: string) => request<{ requested: boolean } | undefined>('PUT', `/v1/follows/${at(id)}`),
  unfollow: (id: string) => request<void>('DELETE', `/v1/follows/${at(id)}`),
  requests: (query: Paging) => request<Page<Person>>('GET', '/v1/follow-requests', { query }),
  accept: (id: string) => request<void>('PUT', `/v1/follow-requests/${at(id)}`),
  decline: (id: string) => request<void>('DELETE', `/v1/follow-requests/${at(id)}`),

  blocks: (query: Paging) => request<Page<Person>>('GET', '/v1/blocks', { query }),
  block: (id: string) => request<void>('PUT', `/v1/blocks/${at(id)}`),
  unblock: (id: string) => request<void>('DELETE', `/v1/blocks/${at(id)}`),

  mutedPeople: (query: Paging) => request<Page<Person>>('GET', '/v1/mutes/users', { query }),
  mute: (id: string, expiresAt?: string) =>
    request<void>('PUT', `/v1/mutes/users/${at(id)}`, { body: expiresAt ? { expiresAt } : {} }),
  unmute: (id: string) => request<void>('DELETE', `/v1/mutes/users/${at(id)}`),
  mutedThreads: (query: Paging) => request<Page<MutedThread>>('GET', '/v1/mutes/threads', { query }),
  muteThread: (postId: string) => request<void>('PUT', `/v1/mutes/threads/${at(postId)}`),
  unmuteThread: (postId: string) => request<void>('DELETE', `/v1/mutes/threads/${at(postId)}`),
  mutedWords: () => request<{ items: MutedWord[] }>('GET', '/v1/mutes/words'),
  muteWord: (id: string, body: { word: string; expiresAt?: string }) =>
    request<MutedWord>('PUT', `/v1/mutes/words/${at(id)}`, { body }),
  unmuteWord: (id: string) => request<void>('DELETE', `/v1/mutes/words/${at(id)}`),

  lists: (member?: string) => request<{ items: PeopleList[] }>('GET', '/v1/lists', { query: member ? { member } : {} }),
  list: (id: string) => request<PeopleList>('GET', `/v1/lists/${at(id)}`),
  saveList: (id: string, name: string) => request<PeopleList>('PUT', `/v1/lists/${at(id)}`, { body: { name } }),
  deleteList: (id: string) => request<void>('DELETE', `/v1/lists/${at(id)}`),
  listMembers: (id: string, query: Paging) => request<Page<Person>>('GET', `/v1/lists/${at(id)}/members`, { query }),
  addToList: (id: string, person: string) => request<void>('PUT', `/v1/lists/${at(id)}/members/${at(person)}`),
  removeFromList: (id: string, person: string) => request<void>('DELETE', `/v1/lists/${at(id)}/members/${at(person)}`),
  listTimeline: (id: string, query: Paging) => request<Page<Post>>('GET', `/v1/timelines/lists/${at(id)}`, { query }),
};
