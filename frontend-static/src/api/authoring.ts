/** What authors do with their posts: edits and versions, polls, drafts, scheduled posts. */

import type { Entities, Media, Visibility } from './basic-types';
import { request } from './client';
import type { Poll, ReplyPolicy } from './post-types';

export interface NewPoll {
  options: string[];
  multiple: boolean;
  durationSeconds: number;
}

/** What a post is to hold: the body of a publication without its `clientPostId`. */
export interface PostContent {
  text?: string;
  mediaIds?: string[];
  visibility?: Visibility;
  replyTo?: string;
  lang?: string;
  poll?: NewPoll;
  contentWarning?: string;
  sensitive?: boolean;
  quoteOf?: string;
  replyPolicy?: ReplyPolicy;
}

export interface EditedPost {
  id: string;
  version: number;
  editedAt: string | null;
  text: string;
  lang: string;
  contentWarning: string | null;
  sensitive: boolean;
  media: Media[];
  entities: Entities;
}

export interface PostVersion {
  version: number;
  at: string;
  text: string;
  lang: string;
  contentWarning: string | null;
  sensitive: boolean;
  media: Media[];
  entities: Entities;
}

export interface Draft {
  id: string;
  content: PostContent;
  updatedAt: string;
  version: number;
}

export interface ScheduledPost {
  id: string;
  post: PostContent;
  publishAt: string;
  state: 'scheduled' | 'failed';
  reason: string | null;
  version: number;
}

const at = encodeURIComponent;

export const authoring = {
  editPost: (
    id: string,
    body: {
      version: number;
      text?: string;
      mediaIds?: string[];
      lang?: string;
      contentWarning?: string;
      sensitive?: boolean;
    },
  ) => request<EditedPost>('PATCH', `/v1/posts/${at(id)}`, { body }),
  postHistory: (id: string) => request<{ items: PostVersion[] }>('GET', `/v1/posts/${at(id)}/history`),
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
