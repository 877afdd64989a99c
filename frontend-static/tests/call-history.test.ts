import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Author, Call, CallAndOther } from '../src/api/types';
import { subject } from '../src/auth/session';
import {
  describeCall,
  getCallHistory,
  getCallsBetween,
  isMissedCall,
  loadCallsSince,
  resetCallHistory,
} from '../src/state/call-history';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const EVA: Author = { id: 'eva', handle: 'eva', displayName: 'Eva', avatarUrl: null };
const asked = vi.spyOn(api, 'calls');

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const item = (id: number, other: Author, change: Partial<Call> = {}): CallAndOther => ({
  call: {
    id: String(id),
    callerId: 'mio',
    calleeId: other.id,
    media: 'audio',
    state: 'ended',
    createdAt: at(id),
    answeredAt: at(id + 1),
    endedAt: at(id + 4),
    ...change,
  } as Call,
  other,
});

beforeEach(() => {
  resetCallHistory();
  asked.mockReset();
  subject.value = 'mio';
});

describe('a past call reads', () => {
  const tom = { callerId: 'tom', calleeId: 'mio' };
  it.each([
    [{}, 'Outgoing voice call · 3:00', false],
    [{ media: 'video', state: 'missed' }, 'Outgoing video call · no answer', false],
    [{ state: 'declined' }, 'Outgoing voice call · declined', false],
    [{ state: 'busy' }, 'Outgoing voice call · busy', false],
    [{ ...tom }, 'Incoming voice call · 3:00', false],
    [{ ...tom, state: 'missed' }, 'Incoming voice call · missed', true],
    [{ ...tom, state: 'cancelled' }, 'Incoming voice call · missed', true],
    [{ ...tom, state: 'declined' }, 'Incoming voice call · declined', false],
    [{ state: 'ended', answeredAt: null }, 'Outgoing voice call · not connected', false],
  ] as const)('%o: %s', (change, words, missed) => {
    const { call } = item(1, TOM, change as Partial<Call>);
    expect([describeCall(call), isMissedCall(call)]).toEqual([words, missed]);
  });
});

describe('the calls of a chat', () => {
  it('are looked up as far back as its messages are shown, and no further', async () => {
    const pages = [
      { items: [item(9, TOM), item(8, EVA)], older: 'b', newer: null },
      { items: [item(7, TOM), item(6, TOM, { state: 'ringing' })], older: 'c', newer: null },
      { items: [item(5, TOM)], older: 'd', newer: null },
    ];
    asked.mockImplementation(async ({ cursor }) => pages[cursor ? ' bcd'.indexOf(cursor) : 0]!);
    await loadCallsSince(at(7));
    expect(getCallHistory().items.value).toHaveLength(4);
    expect(getCallsBetween('tom', at(0), at(9)).map(({ id }) => id)).toEqual(['7', '9']);
    expect(getCallsBetween('tom', at(7), at(9)).map(({ id }) => id)).toEqual(['9']);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
