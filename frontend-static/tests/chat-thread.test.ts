import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Conversation, Message } from '../src/api/types';

const server = vi.hoisted(() => ({ conversation: vi.fn(), messages: vi.fn(), changes: vi.fn() }));
vi.mock('../src/api', () => ({ api: server }));
const {
  loadThread,
  loadMoreMessages: loadMore,
  resetThreads,
  addMessages: take,
  getThread: thread,
  changeThread: change,
} = await import('../src/state/chat-thread');
const {
  putConversation: place,
  applyMessageChange: noteChange,
  resetConversations,
} = await import('../src/state/conversations');

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `id${seq}`,
  conversationId: 'c',
  seq,
  senderId: 'u',
  clientMessageId: `k${seq}`,
  text: `m${seq}`,
  at: '2026-01-01T00:00:00.000Z',
  entities: { tags: [], mentions: [], links: [] },
  media: [],
  replyTo: null,
  system: null,
  reactions: [],
  editedAt: null,
  deleted: false,
  hidden: false,
  rev: 0,
  ...more,
});
const head = (seq: number, rev: number) =>
  ({
    id: 'c',
    kind: 'direct',
    members: [],
    seq,
    rev,
    lastReadSeq: seq,
    me: { state: 'active' },
  }) as unknown as Conversation;
const edited = message(1, { rev: 4, text: 'edited' });

beforeEach(() => {
  resetThreads();
  resetConversations();
  vi.resetAllMocks();
  place(head(2, 3));
  server.conversation.mockResolvedValue(head(2, 3));
  server.changes.mockResolvedValue({ items: [edited], rev: 4, more: false });
});

describe('a thread', () => {
  it('shows a change that arrived while its first page was loading', async () => {
    server.messages.mockImplementation(() => {
      noteChange(edited, 4);
      return Promise.resolve({ items: [message(1), message(2)], people: [], older: null, newer: null });
    });
    await loadThread('c');
    expect(thread('c').messages.map(({ text }) => text)).toEqual(['edited', 'm2']);
    expect(thread('c').rev).toBe(4);
  });

  it('shows a change that arrived before an older page', async () => {
    take('c', [message(2)]);
    change('c', () => ({ loaded: true, older: 'cursor', rev: 3 }));
    server.messages.mockImplementation(() => {
      change('c', () => ({ rev: 4 }));
      return Promise.resolve({ items: [message(1)], people: [], older: null, newer: null });
    });
    await loadMore('c', 'older');
    expect(thread('c').messages.map(({ text }) => text)).toEqual(['edited', 'm2']);
    expect(server.changes).toHaveBeenCalledWith('c', 3);
  });
});
