import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../src/api/types';
import { hasGap, mergeConversations, mergeMessages } from '../src/state/chat';

const message = (seq: number, text = `m${seq}`): Message => ({
  id: `id${seq}`, conversationId: 'c', seq, senderId: 'u', clientMessageId: `k${seq}`, text, at: '2026-01-01T00:00:00.000Z',
});

describe('messages', () => {
  it('are in the order of seq, each once, whatever the order of arrival', () => {
    const merged = mergeMessages([message(2), message(3)], [message(1), message(3), message(4)]);
    expect(merged.map((item) => item.seq)).toEqual([1, 2, 3, 4]);
  });

  it('show a gap', () => {
    expect(hasGap([message(1), message(2)])).toBe(false);
    expect(hasGap([message(1), message(3)])).toBe(true);
    expect(hasGap([])).toBe(false);
  });
});

describe('conversations', () => {
  const conversation = (id: string, seq: number, unread = 0): Conversation => ({
    id, kind: 'direct', members: [], unread, lastReadSeq: 0, lastMessage: message(seq), updatedAt: `2026-01-01T00:00:0${seq}.000Z`,
  });

  it('keep the later state when an older list arrives after it', () => {
    const merged = mergeConversations([conversation('a', 3, 1)], [conversation('a', 2), conversation('b', 1)]);
    expect(merged.map((item) => [item.id, item.lastMessage?.seq, item.unread])).toEqual([['a', 3, 1], ['b', 1, 0]]);
  });

  it('take the read state of a list that knows the same message', () => {
    expect(mergeConversations([conversation('a', 3, 1)], [conversation('a', 3, 0)])[0]?.unread).toBe(0);
  });
});
