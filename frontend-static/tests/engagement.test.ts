import { describe, expect, it } from 'vitest';
import type { Post, Thread } from '../src/api/types';
import { insertReply } from '../src/state/replies';

const post = (id: string, replyTo: string | null = null) => ({ id, replyTo }) as Post;
const thread = (...replies: [number, string][]): Thread => ({
  post: post('root'),
  ancestors: [],
  next: null,
  replies: replies.map(([depth, id]) => ({ depth, post: post(id) })),
});
const order = (found: Thread) => found.replies.map((one) => `${one.depth}${one.post.id}`);

describe('a new reply in a thread that is shown', () => {
  it('stands after all that is below the post it answers', () => {
    const shown = thread([1, 'a'], [2, 'b'], [3, 'c'], [1, 'd']);
    expect(order(insertReply(shown, post('new', 'a')))).toEqual(['1a', '2b', '3c', '2new', '1d']);
    expect(order(insertReply(shown, post('new', 'd')))).toEqual(['1a', '2b', '3c', '1d', '2new']);
  });
  it('comes first when it answers the post of the page', () => {
    expect(order(insertReply(thread([1, 'a']), post('new', 'root')))).toEqual(['1new', '1a']);
  });
  it('is shown once, and not where it does not belong', () => {
    const shown = thread([1, 'a']);
    expect(insertReply(shown, post('a', 'root'))).toBe(shown);
    expect(insertReply(shown, post('new', 'elsewhere'))).toBe(shown);
  });
});
