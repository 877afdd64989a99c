import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../src/api/problem';
import type { Room, ServerEvents } from '../src/api/types';
import { subject } from '../src/auth/session';
import * as devices from '../src/calls/devices';
import type { RealtimeTransport } from '../src/realtime/transport';
import { type ActiveCall, activeCall } from '../src/state/active-call';
import * as media from '../src/state/call-media';
import * as conversations from '../src/state/conversations';
import * as connection from '../src/state/realtime';
import {
  activeRoom,
  dismissRing,
  joinRoom,
  lookForRoom,
  resetRooms,
  ringingRoom,
  rooms,
  startRooms,
} from '../src/state/room';
import { toasts } from '../src/state/toasts';

const TOM = { userId: 'tom', session: 'page-of-tom', joinedAt: '', muted: false, sends: [] };
const FIRST: Room = {
  id: 'r-1',
  conversationId: 'g',
  media: 'audio',
  startedBy: 'tom',
  createdAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  limit: 4,
  path: 'mesh',
  revision: 3,
  members: [TOM],
};
const SECOND: Room = { ...FIRST, id: 'r-2', createdAt: '2026-01-01T00:05:00.000Z', revision: 1 };
/** A call between two people. */
const TALKING = { phase: 'connected', call: { id: 'c' } } as ActiveCall;

const request = vi.fn<(action: string, data: unknown) => Promise<unknown>>();
let tell: (data: ServerEvents['room.updated']) => void;

beforeEach(() => {
  vi.useFakeTimers();
  subject.value = 'mio';
  toasts.value = [];
  vi.spyOn(connection, 'getTransport').mockReturnValue({ request } as unknown as RealtimeTransport);
  vi.spyOn(conversations, 'loadConversation').mockRejectedValue(new Error('not here'));
  vi.spyOn(connection, 'onServerEvent').mockImplementation((name, handler) => {
    if (name === 'room.updated') tell = handler as typeof tell;
    return () => undefined;
  });
  startRooms();
});
afterEach(() => {
  resetRooms();
  activeCall.value = null;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the call of a group', () => {
  it('keeps the newest room and revision, regardless of the order of arrival', () => {
    tell({ room: FIRST, rings: false });
    tell({ room: { ...FIRST, revision: 2, members: [] }, rings: false });
    expect(rooms.value).toEqual({ g: FIRST });
    tell({ room: SECOND, rings: false });
    tell({ room: { ...FIRST, revision: 4, endedAt: '2026-01-01T00:04:00.000Z' }, rings: false });
    expect(rooms.value).toEqual({ g: SECOND });
    tell({ room: { ...SECOND, revision: 2, endedAt: '2026-01-01T00:06:00.000Z' }, rings: false });
    expect(rooms.value).toEqual({});
  });

  it('rings for half a minute, or until it is over', () => {
    tell({ room: FIRST, rings: true });
    expect(ringingRoom.value).toEqual(FIRST);
    vi.advanceTimersByTime(30_000);
    expect(ringingRoom.value).toBeNull();
    tell({ room: SECOND, rings: true });
    tell({ room: { ...SECOND, revision: 2, endedAt: '2026-01-01T00:06:00.000Z' }, rings: false });
    expect(ringingRoom.value).toBeNull();
  });

  it('does not ring during another call, or after the viewer joined from another page', () => {
    activeCall.value = TALKING;
    tell({ room: FIRST, rings: true });
    expect(ringingRoom.value).toBeNull();
    activeCall.value = null;
    tell({ room: SECOND, rings: true });
    tell({ room: { ...SECOND, revision: 2, members: [TOM, { ...TOM, userId: 'mio' }] }, rings: false });
    expect(ringingRoom.value).toBeNull();
  });

  it('stops ringing in all tabs when it is dismissed in one', async () => {
    const heard = vi.fn();
    const other = new BroadcastChannel('asyncsns.ring');
    other.onmessage = ({ data }) => heard(data);
    vi.useRealTimers();
    tell({ room: FIRST, rings: true });
    dismissRing();
    expect(ringingRoom.value).toBeNull();
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('r-1'));
    tell({ room: SECOND, rings: true });
    other.postMessage('r-1');
    other.postMessage('r-2');
    await vi.waitFor(() => expect(ringingRoom.value).toBeNull());
    other.close();
  });

  it('is removed when the server has no room, and kept when the request fails', async () => {
    tell({ room: FIRST, rings: false });
    request.mockRejectedValueOnce(new Error('no network'));
    await lookForRoom('g');
    expect(rooms.value).toEqual({ g: FIRST });
    request.mockResolvedValueOnce({ room: null });
    await lookForRoom('g');
    expect(rooms.value).toEqual({});
  });

  it.each([true, false])('continues on another page as muted as before (%s)', async (muted) => {
    const microphone = { kind: 'audio', enabled: true, stop: vi.fn() } as unknown as MediaStreamTrack;
    vi.spyOn(devices, 'openDevices').mockResolvedValue({ microphone, camera: null, problems: {} });
    vi.spyOn(media, 'startMedia').mockImplementation(() => media.changeMedia({ tracks: { microphone } }));
    vi.spyOn(conversations, 'loadConversation').mockResolvedValue({} as never);
    tell({ room: { ...FIRST, members: [{ ...TOM, userId: 'mio', muted }] }, rings: false });
    const found: unknown[] = [];
    request.mockImplementation(async (action) => {
      if (action === 'room.join') found.push(media.ownMedia.peek().muted, microphone.enabled);
      throw new ApiError('room-full', 409, { type: 'about:blank', title: 'full', status: 409 });
    });
    await joinRoom('g', 'audio', true);
    expect(found).toEqual([muted, !muted]);
  });

  it('cannot be joined during another call', async () => {
    activeCall.value = TALKING;
    await joinRoom('g', 'audio');
    expect([activeRoom.value, toasts.value.length]).toEqual([null, 1]);
    expect(request).not.toHaveBeenCalledWith('room.join', expect.anything());
  });
});
