import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../src/api/types';
import { hasMessageGap, mergeMessages } from '../src/state/chat-thread';
import { mergeConversations } from '../src/state/conversations';

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

describe('messages', () => {
  it('are sorted by seq without duplicates, regardless of the order of arrival', () => {
    const merged = mergeMessages([message(2), message(3)], [message(1), message(3), message(4)]);
    expect(merged.map((item) => item.seq)).toEqual([1, 2, 3, 4]);
  });

  it('have a gap when a seq is missing', () => {
    expect(hasMessageGap([message(1), message(2)])).toBe(false);
    expect(hasMessageGap([message(1), message(3)])).toBe(true);
    expect(hasMessageGap([])).toBe(false);
  });

  it('keep the state with the highest rev, regardless of the order of arrival', () => {
    const states = [
      message(1),
      message(1, { rev: 2, text: 'edited' }),
      message(1, { rev: 5, text: '', deleted: true }),
    ];
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ];
    for (const order of orders) {
      const end = order.reduce<Message[]>((shown, index) => mergeMessages(shown, [states[index]!]), []);
      expect(end).toEqual([states[2]]);
    }
  });

  it('stay hidden when they change for other members', () => {
    const [kept] = mergeMessages([message(1, { hidden: true, text: '' })], [message(1, { rev: 3, text: 'new' })]);
    expect(kept).toMatchObject({ hidden: true, text: '' });
  });
});

describe('conversations', () => {
  const conversation = (id: string, seq: number, unread = 0, more: Partial<Conversation> = {}): Conversation => ({
    id,
    kind: 'direct',
    title: null,
    avatarUrl: null,
    memberCount: 2,
    members: [],
    unread,
    lastReadSeq: 0,
    seq,
    rev: 0,
    pending: false,
    lastMessage: message(seq),
    updatedAt: `2026-01-01T00:00:0${seq}.000Z`,
    me: { role: null, state: 'active', muted: false, mutedUntil: null, since: 1 },
    ...more,
  });

  it('keep the later state when an older list arrives after it', () => {
    const merged = mergeConversations([conversation('a', 3, 1)], [conversation('a', 2), conversation('b', 1)]);
    expect(merged.map((item) => [item.id, item.lastMessage?.seq, item.unread])).toEqual([
      ['a', 3, 1],
      ['b', 1, 0],
    ]);
  });

  it('take the read state from a list with the same last message', () => {
    expect(mergeConversations([conversation('a', 3, 1)], [conversation('a', 3, 0)])[0]?.unread).toBe(0);
  });

  it('keep the members of a group when a list without members arrives', () => {
    const member = {
      id: 'u',
      handle: 'u',
      displayName: 'U',
      avatarUrl: null,
      role: 'owner' as const,
      accepted: true,
      readSeq: null,
      deliveredSeq: null,
    };
    const whole = conversation('g', 2, 0, {
      kind: 'group',
      members: [member],
      me: { role: 'owner', state: 'active', muted: false, mutedUntil: null, since: 1 },
    });
    const row = conversation('g', 3, 1, { kind: 'group' });
    expect(mergeConversations([whole], [row])[0]).toMatchObject({
      seq: 3,
      unread: 1,
      members: [member],
      me: { role: 'owner' },
    });
  });
});
