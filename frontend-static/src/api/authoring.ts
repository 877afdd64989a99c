/** Operations of authors on their posts: edits and versions, polls, drafts, scheduled posts. */
import { request } from './client';
import type { Draft, EditedPost, EditPost, Poll, PostContent, PostHistory, ScheduledPost } from './types';

const at = encodeURIComponent;

export const authoring = {
  editPost: (id: string, body: EditPost) => request<EditedPost>('PATCH', `/v1/posts/${at(id)}`, { body }),
  postHistory: (id: string) => request<PostHistory>('GET', `/v1/posts/${at(id)}/history`),
  vote: (id: string, choices: number[]) => request<Poll>('PUT', `/v1/posts/${at(id)}/vote`, { body: { choices } }),
  drafts: () => request<{ items: Draft[] }>('GET', '/v1/drafts'),
  saveDraft: (id: string, content: PostContent, version?: number) =>
    request<Draft>('PUT', `/v1/drafts/${at(id)}`, { body: { content, ...(version ? { version } : {}) } }),
  deleteDraft: (id: string) => request<void>('DELETE', `/v1/drafts/${at(id)}`),
  scheduledPosts: () => request<{ items: ScheduledPost[] }>('GET', '/v1/scheduled-posts'),
  schedulePost: (id: string, body: { publishAt: string; post: PostContent; version?: number }) =>
    request<ScheduledPost>('PUT', `/v1/scheduled-posts/${at(id)}`, { body }),
  cancelScheduled: (id: string) => request<void>('DELETE', `/v1/scheduled-posts/${at(id)}`),
};
