/** The composer dialog: open for a new post, a reply, an edit, a draft or a scheduled post. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { Draft, Media, Post, PostContent, ScheduledPost } from '../api/types';

/** The composer's initial content. */
export interface ComposerStart {
  content: PostContent;
  media: Media[];
  editing?: Post;
  draft?: Draft;
  scheduled?: ScheduledPost;
}

export interface ComposerTarget {
  replyTo: Post | null;
  start: ComposerStart | null;
  quote: Post | null;
}

export const composer = signal<ComposerTarget | null>(null);

export function openComposer(
  replyTo: Post | null = null,
  start: ComposerStart | null = null,
  quote: Post | null = null,
): void {
  composer.value = { replyTo, start, quote };
}

export function openQuote(post: Post): void {
  openComposer(null, null, post);
}

export function closeComposer(): void {
  composer.value = null;
}

export function openEditor(post: Post): void {
  const content = {
    text: post.text,
    visibility: post.visibility,
    ...(post.contentWarning ? { contentWarning: post.contentWarning } : {}),
    sensitive: post.sensitive,
  };
  openComposer(null, { content, media: post.media, editing: post });
}

/** Opens a draft or a scheduled post. Media and posts that no longer exist are omitted. */
export async function openSavedContent(
  content: PostContent,
  kept: Pick<ComposerStart, 'draft' | 'scheduled'>,
): Promise<void> {
  const [replyTo, quote, ...media] = await Promise.all([
    content.replyTo ? api.post(content.replyTo).catch(() => null) : null,
    content.quoteOf ? api.post(content.quoteOf).catch(() => null) : null,
    ...(content.mediaIds ?? []).map((id) => api.media(id).catch(() => null)),
  ]);
  const ready = media.filter((one): one is Media => one?.state === 'ready');
  openComposer(replyTo ?? null, { content, media: ready, ...kept }, quote ?? null);
}
