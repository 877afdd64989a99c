import { afterEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { engagement } from '../src/api/engagement';
import type { Post } from '../src/api/types';
import { toggleBookmark } from '../src/state/engagement';
import { getPost, getPostFeed, resetPosts, storePost, toggleLike } from '../src/state/posts';

const post = (likes: number, liked: boolean): Post =>
  ({ id: 'P', version: 1, author: { id: 'A' }, viewer: { liked, bookmarked: false }, counts: { likes } }) as Post;
const shown = () => getPost(post(0, false)).peek()!;

/** A promise, and the function that resolves it. */
function later<T>(): [Promise<T>, (value: T) => void] {
  let resolve!: (value: T) => void;
  return [new Promise<T>((done) => (resolve = done)), resolve];
}

afterEach(() => {
  resetPosts();
  vi.restoreAllMocks();
});

describe('a post that the viewer changes', () => {
  it('keeps the like when the response to an earlier request arrives later', async () => {
    storePost(post(0, false));
    const [page, answer] = later<{ items: Post[]; older: null; newer: null }>();
    const loaded = getPostFeed('public', () => page).load();
    vi.spyOn(api, 'like').mockResolvedValue(undefined as never);
    await toggleLike(shown());
    answer({ items: [post(0, false)], older: null, newer: null });
    await loaded;
    expect(shown()).toMatchObject({ viewer: { liked: true }, counts: { likes: 1 } });
  });

  it('keeps the like until the server responds', async () => {
    storePost(post(0, false));
    const [liked, answer] = later<never>();
    vi.spyOn(api, 'like').mockReturnValue(liked);
    const done = toggleLike(shown());
    storePost(post(0, false));
    expect(shown().viewer.liked).toBe(true);
    answer(undefined as never);
    await done;
  });

  it('takes the response to a request made after the change, even if the change was refused', async () => {
    storePost(post(0, false));
    vi.spyOn(engagement, 'bookmark').mockRejectedValue(new Error('refused'));
    await toggleBookmark(shown());
    expect(shown().viewer.bookmarked).toBe(false);
    storePost(post(7, true), performance.now() + 1);
    expect(shown()).toMatchObject({ viewer: { liked: true }, counts: { likes: 7 } });
  });
});
