/** Threads in their display order. */
import type { Post, Thread } from '../api/types';

/** The thread with your own new reply inserted: after all descendants of the post that it answers. */
export function insertReply(thread: Thread, reply: Post): Thread {
  const { replies } = thread;
  if (replies.some(({ post }) => post.id === reply.id)) return thread;
  if (reply.replyTo === thread.post.id) return { ...thread, replies: [{ depth: 1, post: reply }, ...replies] };
  const parent = replies.findIndex(({ post }) => post.id === reply.replyTo);
  if (parent < 0) return thread;
  const { depth } = replies[parent]!;
  const after = replies.findIndex((one, index) => index > parent && one.depth <= depth);
  const place = after < 0 ? replies.length : after;
  return {
    ...thread,
    replies: [...replies.slice(0, place), { depth: depth + 1, post: reply }, ...replies.slice(place)],
  };
}
