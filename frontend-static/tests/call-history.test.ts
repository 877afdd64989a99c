import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Author, Call, GroupCall, ListedCall, Room, RoomMember, ServerEvents } from '../src/api/types';
import { subject } from '../src/auth/session';
import {
  describeCall,
  describeGroupCall,
  getCallHistory,
  getCallsBetween,
  isMissedCall,
  isMissedGroupCall,
  keyOfListed,
  loadCallsSince,
  resetCallHistory,
  startCallHistory,
} from '../src/state/call-history';
import * as realtime from '../src/state/realtime';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const EVA: Author = { id: 'eva', handle: 'eva', displayName: 'Eva', avatarUrl: null };
const asked = vi.spyOn(api, 'calls');

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const item = (id: number, other: Author, change: Partial<Call> = {}): ListedCall & { call: Call } => ({
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
  group: null,
});
const groupItem = (id: number, change: Partial<GroupCall> = {}): ListedCall => ({
  call: null,
  other: null,
  group: {
    id: String(id),
    conversationId: 'g',
    title: 'Hikers',
    media: 'video',
    startedBy: TOM,
    createdAt: at(id),
    endedAt: at(id + 12),
    attendees: [{ person: TOM, seconds: 720 }],
    ...change,
  },
});

beforeEach(() => {
  resetCallHistory();
  asked.mockReset();
  subject.value = 'mio';
});

describe('the text of a past call', () => {
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
  ] as const)('for %o is: %s', (change, words, missed) => {
    const { call } = item(1, TOM, change as Partial<Call>);
    expect([describeCall(call), isMissedCall(call)]).toEqual([words, missed]);
  });
});

describe('the calls of a chat', () => {
  it('are loaded only as far back as the shown messages', async () => {
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

describe('a group call', () => {
  const mio = { person: { ...TOM, id: 'mio' }, seconds: 60 };

  it.each([
    [{ attendees: [mio] }, 'Group video call · 12:00', false],
    [{ media: 'audio' }, 'Group call · missed', true],
    [{ endedAt: null }, 'Group video call · Now', false],
  ] as const)('with %o has the text: %s', (change, words, missed) => {
    const { group } = groupItem(1, change as Partial<GroupCall>);
    expect([describeGroupCall(group!), isMissedGroupCall(group!)]).toEqual([words, missed]);
  });

  it('is listed with other calls by time, but not in a direct chat', async () => {
    asked.mockResolvedValue({ items: [groupItem(9), item(8, TOM), groupItem(6)], older: 'b', newer: null });
    await loadCallsSince(at(7));
    expect(asked).toHaveBeenCalledTimes(1);
    expect(getCallHistory().items.value.map(keyOfListed)).toEqual(['9', '8', '6']);
    expect(getCallsBetween('tom', at(0), at(9)).map(({ id }) => id)).toEqual(['8']);
  });

  it('gets its end time and participants when it ends', async () => {
    let tell: (data: ServerEvents['room.updated']) => void = () => undefined;
    vi.spyOn(realtime, 'onServerEvent').mockImplementation((name, handler) => {
      if (name === 'room.updated') tell = handler as typeof tell;
      return () => undefined;
    });
    startCallHistory();
    asked.mockResolvedValueOnce({ items: [groupItem(9, { endedAt: null })], older: null, newer: null });
    await getCallHistory().load();
    asked.mockResolvedValueOnce({ items: [groupItem(9)], older: null, newer: null });
    const room = { id: '9', conversationId: 'g', members: [] as RoomMember[] } as Room;
    tell({ room: { ...room, endedAt: null }, rings: false });
    tell({ room: { ...room, endedAt: at(21) }, rings: false });
    await vi.waitFor(() => expect(getCallHistory().items.value[0]?.group?.endedAt).toBe(at(21)));
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
