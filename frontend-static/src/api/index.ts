/** Every operation of the API by name. */

import { authoring } from './authoring';
import { chatApi } from './chat';
import { request, requestOnUnload } from './client';
import type {
  Call,
  CallQuality,
  CurrentCall,
  IceServers,
  ListedCall,
  Media,
  MediaKind,
  Page,
  Person,
  Post,
  PostContent,
  PostHits,
  Profile,
  ProfileField,
  SavedSearch,
  StartCall,
  Suggestions,
  TagHit,
  Timeline,
  Trend,
  UploadParts,
  UploadPermit,
} from './types';

const at = encodeURIComponent;
type Paging = { cursor?: string | null; limit?: number };

export const api = {
  ...authoring,

  me: () => request<Profile | undefined>('GET', '/v1/me', { query: { absent: 'empty' } }),
  putMe: (body: {
    handle: string;
    displayName: string;
    bio?: string;
    locale?: string;
    avatarMediaId?: string | null;
    headerMediaId?: string | null;
    fields?: ProfileField[];
    locked?: boolean;
  }) => request<Profile>('PUT', '/v1/me', { body }),
  user: (id: string) => request<Profile>('GET', `/v1/users/${at(id)}`),
  userByHandle: (handle: string) => request<Profile>('GET', `/v1/users/by-handle/${at(handle)}`),
  userPosts: (id: string, query: Paging) => request<Page<Post>>('GET', `/v1/users/${at(id)}/posts`, { query }),
  followers: (id: string, query: Paging) => request<Page<Person>>('GET', `/v1/users/${at(id)}/followers`, { query }),
  following: (id: string, query: Paging) => request<Page<Person>>('GET', `/v1/users/${at(id)}/following`, { query }),

  home: (query: Paging) => request<Timeline>('GET', '/v1/timelines/home', { query }),
  public: (query: Paging) => request<Page<Post>>('GET', '/v1/timelines/public', { query }),
  tag: (tag: string, query: Paging) => request<Page<Post>>('GET', `/v1/timelines/tags/${at(tag)}`, { query }),
  post: (id: string) => request<Post>('GET', `/v1/posts/${at(id)}`),
  replies: (id: string, query: Paging) => request<Page<Post>>('GET', `/v1/posts/${at(id)}/replies`, { query }),
  publish: (body: PostContent & { clientPostId: string }) =>
    request<Post>('POST', '/v1/posts', { body, idempotencyKey: body.clientPostId }),
  deletePost: (id: string) => request<void>('DELETE', `/v1/posts/${at(id)}`),
  like: (id: string) => request<void>('PUT', `/v1/posts/${at(id)}/like`),
  unlike: (id: string) => request<void>('DELETE', `/v1/posts/${at(id)}/like`),

  createMedia: (body: { kind: MediaKind; contentType: string; bytes: number; altText?: string; resumable?: boolean }) =>
    request<UploadPermit>('POST', '/v1/media', { body }),
  mediaParts: (id: string) => request<UploadParts>('POST', `/v1/media/${at(id)}/parts`),
  completeMedia: (id: string) => request<Media>('POST', `/v1/media/${at(id)}/complete`),
  discardMedia: (id: string) => request<void>('DELETE', `/v1/media/${at(id)}`),
  media: (id: string) => request<Media>('GET', `/v1/media/${at(id)}`),
  describeMedia: (id: string, altText: string) => request<Media>('PATCH', `/v1/media/${at(id)}`, { body: { altText } }),

  searchPosts: (query: Paging & { q: string; sort: string }) =>
    request<PostHits>('GET', '/v1/search', { query: { ...query, type: 'posts' } }),
  searchPeople: (query: Paging & { q: string }) =>
    request<Page<Person>>('GET', '/v1/search', { query: { ...query, type: 'people' } }),
  searchTags: (query: Paging & { q: string }) =>
    request<Page<TagHit>>('GET', '/v1/search', { query: { ...query, type: 'tags' } }),
  suggest: (q: string, signal?: AbortSignal) =>
    request<Suggestions>('GET', '/v1/search/suggest', { query: { q }, signal }),
  trends: (hours = 24) => request<{ items: Trend[] }>('GET', '/v1/trends', { query: { hours } }),
  savedSearches: () => request<{ items: SavedSearch[] }>('GET', '/v1/searches'),
  saveSearch: (id: string, body: { name: string; query: string }) =>
    request<SavedSearch>('PUT', `/v1/searches/${at(id)}`, { body }),
  deleteSearch: (id: string) => request<void>('DELETE', `/v1/searches/${at(id)}`),

  ...chatApi,

  startCall: (body: StartCall) => request<Call>('POST', '/v1/calls', { body }),
  currentCall: () => request<CurrentCall>('GET', '/v1/calls/current'),
  call: (id: string) => request<Call>('GET', `/v1/calls/${at(id)}`),
  answerCall: (id: string, action: 'accept' | 'decline' | 'hangup', session: string) =>
    request<Call>('POST', `/v1/calls/${at(id)}/${action}`, { body: { session } }),
  leaveCall: (id: string, session: string) => requestOnUnload(`/v1/calls/${at(id)}/leave`, { session }),
  reportCall: (id: string, body: CallQuality) => request<void>('POST', `/v1/calls/${at(id)}/quality`, { body }),
  reportGroupCall: (conversationId: string, body: CallQuality) =>
    request<void>('POST', `/v1/calls/groups/${at(conversationId)}/quality`, { body }),
  calls: (paging: Paging) => request<Page<ListedCall>>('GET', '/v1/calls', { query: { ...paging } }),
  iceServers: () => request<IceServers>('GET', '/v1/calls/ice-servers'),

  realtimeTicket: () => request<{ ticket: string; expiresAt: string }>('POST', '/v1/realtime/tickets', { body: {} }),
};
