/** What one does with posts: shown at once, taken back when the server refuses. */
import { signal } from '@preact/signals';
import { engagement } from '../api/engagement';
import type { Post } from '../api/types';
import { t } from '../i18n';
import { patchPost, postFeed, shown } from './posts';
import { toast, toastError } from './toasts';

async function optimistic(post: Post, part: Partial<Post>, act: () => Promise<void>): Promise<boolean> {
  const before = shown(post).peek() ?? post;
  const undo = Object.fromEntries(Object.keys(part).map((key) => [key, before[key as keyof Post]])) as Partial<Post>;
  patchPost(post.id, part);
  try {
    await act();
    return true;
  } catch (error) {
    patchPost(post.id, undo);
    toastError(error);
    return false;
  }
}

export async function toggleRepost(post: Post): Promise<void> {
  const reposted = !post.viewer.reposted;
  const counts = { ...post.counts, reposts: Math.max(0, post.counts.reposts + (reposted ? 1 : -1)) };
  const done = await optimistic(post, { viewer: { ...post.viewer, reposted }, counts }, () =>
    reposted ? engagement.repost(post.id) : engagement.unrepost(post.id),
  );
  if (done) toast(t(reposted ? 'repost.done' : 'repost.undone'));
}

/** Reacts with this emoji, or takes it back when it is the viewer's own. */
export async function toggleReaction(post: Post, emoji: string): Promise<void> {
  const mine = post.viewer.reaction;
  const next = mine === emoji ? null : emoji;
  const reactions = withReaction(withReaction(post.reactions, mine, -1), next, 1);
  await optimistic(post, { viewer: { ...post.viewer, reaction: next }, reactions }, () =>
    next ? engagement.react(post.id, next) : engagement.unreact(post.id),
  );
}

/** The counts with one more or less of an emoji; what nobody gives any more is gone. */
export function withReaction(reactions: Post['reactions'], emoji: string | null, by: 1 | -1): Post['reactions'] {
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
  if (bookmarked) bookmarksFeed().prepend(post);
  else bookmarksFeed().remove(post.id);
  toast(
    t(bookmarked ? 'bookmark.done' : 'bookmark.undone'),
    bookmarked ? { link: { href: '/bookmarks', label: t('bookmark.view') } } : {},
  );
}

export const bookmarksFeed = () => postFeed('bookmarks', (cursor) => engagement.bookmarks({ cursor }));

/** The pinned posts of the profile that was looked at last, and whose they are. */
export const pinned = signal<{ userId: string; posts: Post[] }>({ userId: '', posts: [] });

export async function loadPins(userId: string): Promise<void> {
  const page = await engagement.pins(userId);
  page.items.forEach((post) => shown(post));
  pinned.value = { userId, posts: page.items };
}

export async function togglePin(post: Post): Promise<void> {
  const isPinned = pinned.peek().userId === post.author.id && pinned.peek().posts.some((one) => one.id === post.id);
  try {
    await (isPinned ? engagement.unpin(post.id) : engagement.pin(post.id));
    await loadPins(post.author.id);
    toast(t(isPinned ? 'pin.undone' : 'pin.done'));
  } catch (error) {
    toastError(error);
  }
}
