/** Actions on posts: shown at once, undone when the server refuses. */
import { signal } from '@preact/signals';
import { engagement } from '../api/engagement';
import type { Post } from '../api/types';
import { t } from '../i18n';
import { getPost, getPostFeed, makeOwnChange, patchPost } from './posts';
import { showError, showToast } from './toasts';

async function optimistic(post: Post, part: Partial<Post>, act: () => Promise<void>): Promise<boolean> {
  const before = getPost(post).peek() ?? post;
  const undo = Object.fromEntries(Object.keys(part).map((key) => [key, before[key as keyof Post]])) as Partial<Post>;
  patchPost(post.id, part);
  try {
    await makeOwnChange(post.id, act);
    return true;
  } catch (error) {
    patchPost(post.id, undo);
    showError(error);
    return false;
  }
}

export async function toggleRepost(post: Post): Promise<void> {
  const reposted = !post.viewer.reposted;
  const counts = { ...post.counts, reposts: Math.max(0, post.counts.reposts + (reposted ? 1 : -1)) };
  const done = await optimistic(post, { viewer: { ...post.viewer, reposted }, counts }, () =>
    reposted ? engagement.repost(post.id) : engagement.unrepost(post.id),
  );
  if (done) showToast(t(reposted ? 'repost.done' : 'repost.undone'));
}

/** Reacts with this emoji, or removes it when it is the viewer's own. */
export async function toggleReaction(post: Post, emoji: string): Promise<void> {
  const mine = post.viewer.reaction;
  const next = mine === emoji ? null : emoji;
  const reactions = addReaction(addReaction(post.reactions, mine, -1), next, 1);
  await optimistic(post, { viewer: { ...post.viewer, reaction: next }, reactions }, () =>
    next ? engagement.react(post.id, next) : engagement.unreact(post.id),
  );
}

/** The counts after one emoji was added or removed; zero counts are dropped. */
export function addReaction(reactions: Post['reactions'], emoji: string | null, by: 1 | -1): Post['reactions'] {
  if (!emoji) return reactions;
  const found = reactions.find((one) => one.emoji === emoji);
  const changed = found
    ? reactions.map((one) => (one === found ? { ...one, count: one.count + by } : one))
    : [...reactions, { emoji, count: by }];
  return changed.filter((one) => one.count > 0);
}

export async function toggleBookmark(post: Post): Promise<void> {
  const bookmarked = !post.viewer.bookmarked;
  const done = await optimistic(post, { viewer: { ...post.viewer, bookmarked } }, () =>
    bookmarked ? engagement.bookmark(post.id) : engagement.unbookmark(post.id),
  );
  if (!done) return;
  if (bookmarked) getBookmarksFeed().prepend(post);
  else getBookmarksFeed().remove(post.id);
  showToast(
    t(bookmarked ? 'bookmark.done' : 'bookmark.undone'),
    bookmarked ? { link: { href: '/bookmarks', label: t('bookmark.view') } } : {},
  );
}

export const getBookmarksFeed = () => getPostFeed('bookmarks', (cursor) => engagement.bookmarks({ cursor }));

/** The pinned posts of the last visited profile, and their author. */
export const pinnedPosts = signal<{ userId: string; posts: Post[] }>({ userId: '', posts: [] });

export async function loadPins(userId: string): Promise<void> {
  const page = await engagement.pins(userId);
  page.items.forEach((post) => getPost(post));
  pinnedPosts.value = { userId, posts: page.items };
}

export async function togglePin(post: Post): Promise<void> {
  const isPinned =
    pinnedPosts.peek().userId === post.author.id && pinnedPosts.peek().posts.some((one) => one.id === post.id);
  try {
    await (isPinned ? engagement.unpin(post.id) : engagement.pin(post.id));
    await loadPins(post.author.id);
    showToast(t(isPinned ? 'pin.undone' : 'pin.done'));
  } catch (error) {
    showError(error);
  }
}
