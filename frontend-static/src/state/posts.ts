/** Posts by id, so that a like or a deletion updates every place that shows the post; and the feeds of posts. */
import { type Signal, signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Page, Post } from '../api/types';
import { keep, kept } from '../lib/kept';
import { createFeed, type Feed } from './feed';
import { showError } from './toasts';

const postSignals = new Map<string, Signal<Post | null>>();

/** The viewer's own changes: how many have no answer yet, and when the last one was answered (`performance.now()`). */
const ownChanges = new Map<string, { running: number; endedAt: number }>();

/**
 * Stores the server's data for a post; its signal stays the same object.
 *
 * @param askedAt when the data were requested (`performance.now()`): data from before the viewer's own change of the post
 * do not undo it
 */
export function storePost(post: Post, askedAt = performance.now()): Signal<Post | null> {
  const existing = postSignals.get(post.id);
  if (existing) {
    const own = ownChanges.get(post.id);
    const isOutdated = own && (own.running > 0 || askedAt <= own.endedAt);
    if (existing.peek() !== null && !isOutdated) existing.value = post;
    return existing;
  }
  const fresh = signal<Post | null>(post);
  postSignals.set(post.id, fresh);
  return fresh;
}

/** The signal of a displayed post. An argument of an older version does not replace the stored data. */
export function getPost(post: Post): Signal<Post | null> {
  const existing = postSignals.get(post.id);
  return existing && (existing.peek()?.version ?? Infinity) >= post.version ? existing : storePost(post);
}

/** Runs the viewer's own change of a post; see `storePost`. */
export async function makeOwnChange<T>(id: string, act: () => Promise<T>): Promise<T> {
  const own = ownChanges.get(id) ?? { running: 0, endedAt: -Infinity };
  ownChanges.set(id, own);
  own.running += 1;
  try {
    return await act();
  } finally {
    own.running -= 1;
    own.endedAt = performance.now();
  }
}

export function resetPosts(): void {
  postSignals.clear();
  ownChanges.clear();
  homeKeptAt.value = null;
  feeds.clear();
}

const feeds = new Map<string, Feed<Post>>();

/** The feed with that name, created once: on return it is shown as it was left. */
export function getPostFeed(name: string, fetchPage: (cursor: string | null) => Promise<Page<Post>>): Feed<Post> {
  const existing = feeds.get(name);
  if (existing) return existing;
  const feed = createFeed(
    async (cursor) => {
      const askedAt = performance.now();
      const page = await fetchPage(cursor);
      for (const post of page.items) storePost(post, askedAt);
      return page;
    },
    (post) => post.id,
  );
  feeds.set(name, feed);
  return feed;
}

/** Posts missed during an absence are still being added. */
export const homeRebuilding = signal(false);
/** Whether frames announce every new post of the home timeline; otherwise it is polled. */
export const homeIsLive = signal(true);

/** When the displayed home timeline was loaded, while there is no network; null: it is current. */
export const homeKeptAt = signal<string | null>(null);

interface KeptHome {
  at: string;
  items: Post[];
}

export const getHomeFeed = () =>
  getPostFeed('home', async (cursor) => {
    try {
      const page = await api.home({ cursor });
      homeRebuilding.value = page.rebuilding;
      homeIsLive.value = page.live;
      if (cursor === null) {
        keep('home', { at: new Date().toISOString(), items: page.items } satisfies KeptHome);
        homeKeptAt.value = null;
      }
      return page;
    } catch (error) {
      const last = cursor === null && error instanceof ApiError && error.slug === 'network' && kept<KeptHome>('home');
      if (!last) throw error;
      homeKeptAt.value = last.at;
      return { items: last.items, older: null, newer: null };
    }
  });
export const getPublicFeed = () => getPostFeed('public', (cursor) => api.public({ cursor }));

/** A new post of the home timeline. */
export function announcePost(postId: string): void {
  feeds.get('home')?.announce(postId);
}

/** Your latest post of this visit, for lists that are not feeds, such as threads. */
export const lastPublished = signal<Post | null>(null);

/** Your new post is added on top at once; the projections follow. */
export function showPublished(post: Post): void {
  storePost(post);
  lastPublished.value = post;
  for (const name of ['home', 'public', `user:${post.author.id}`]) {
    const isListed = name !== 'public' || post.visibility === 'public';
    if (isListed && !(name === 'public' && post.replyTo)) feeds.get(name)?.prepend(post);
  }
  if (post.replyTo) {
    changePost(post.replyTo, (parent) => ({
      ...parent,
      counts: { ...parent.counts, replies: parent.counts.replies + 1 },
    }));
  }
  if (post.quote)
    changePost(post.quote.postId, (quoted) => ({
      ...quoted,
      counts: { ...quoted.counts, quotes: quoted.counts.quotes + 1 },
    }));
}

/** Removes a person's posts from all feeds, or from those whose names have this prefix. */
export function removePostsOf(authorId: string, names: readonly string[] = ['']): void {
  for (const [name, feed] of feeds) {
    if (!names.some((start) => name.startsWith(start))) continue;
    for (const post of feed.items.peek()) if (post.author.id === authorId) feed.remove(post.id);
  }
  // Their page is fetched again at its next visit.
  if (names.includes('')) feeds.delete(`user:${authorId}`);
}

function changePost(id: string, update: (post: Post) => Post): void {
  const found = postSignals.get(id);
  if (found?.value) found.value = update(found.value);
}

function withLike(post: Post, liked: boolean): Post {
  if (post.viewer.liked === liked) return post;
  return {
    ...post,
    viewer: { ...post.viewer, liked },
    counts: { ...post.counts, likes: Math.max(0, post.counts.likes + (liked ? 1 : -1)) },
  };
}

/** Shown at once, undone when the server refuses. */
export async function toggleLike(post: Post): Promise<void> {
  const liked = !post.viewer.liked;
  changePost(post.id, (current) => withLike(current, liked));
  try {
    await makeOwnChange(post.id, () => (liked ? api.like(post.id) : api.unlike(post.id)));
  } catch (error) {
    changePost(post.id, (current) => withLike(current, !liked));
    showError(error);
  }
}

/** Updates a post after an edit or a vote, wherever it is shown. */
export function patchPost(id: string, part: Partial<Post>): void {
  changePost(id, (post) => ({ ...post, ...part }));
}

/** @throws ApiError */
export async function deletePost(post: Post): Promise<void> {
  await api.deletePost(post.id);
  const found = postSignals.get(post.id);
  if (found) found.value = null;
  for (const feed of feeds.values()) feed.remove(post.id);
}
