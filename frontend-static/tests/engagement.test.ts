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

describe('a new reply in a shown thread', () => {
  it('is inserted after all replies below its parent', () => {
    const shown = thread([1, 'a'], [2, 'b'], [3, 'c'], [1, 'd']);
    expect(order(insertReply(shown, post('new', 'a')))).toEqual(['1a', '2b', '3c', '2new', '1d']);
    expect(order(insertReply(shown, post('new', 'd')))).toEqual(['1a', '2b', '3c', '1d', '2new']);
  });
  it('comes first when its parent is the post of the page', () => {
    expect(order(insertReply(thread([1, 'a']), post('new', 'root')))).toEqual(['1new', '1a']);
  });
  it('is shown once, and only in its own thread', () => {
    const shown = thread([1, 'a']);
    expect(insertReply(shown, post('a', 'root'))).toBe(shown);
    expect(insertReply(shown, post('new', 'elsewhere'))).toBe(shown);
  });
});
