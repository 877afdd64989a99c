import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Room } from '../src/api/types';
import { subject } from '../src/auth/session';
import type { RealtimeTransport } from '../src/realtime/transport';
import { changeMedia, closeMedia } from '../src/state/call-media';
import * as conversations from '../src/state/conversations';
import * as connection from '../src/state/realtime';
import { activeRoom, lookForRoom, mutedBefore, resetRooms } from '../src/state/room';
import { newsBetween } from '../src/state/room-news';
import { dismissResumableRoom, resumableRoom, startRoomResume } from '../src/state/room-resume';
import { setLanguage } from '../src/state/settings';

const member = (userId: string, session = `page-of-${userId}`) => ({
  userId,
  session,
  joinedAt: '',
  muted: false,
  sends: [],
});
const ROOM: Room = {
  id: 'r-1',
  conversationId: 'g',
  media: 'audio',
  startedBy: 'tom',
  createdAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  limit: 4,
  path: 'mesh',
  revision: 3,
  members: [member('tom')],
};
const CALL = { conversationId: 'g', members: ROOM.members, joinedAt: 0, others: {}, speaker: null };

const request = vi.fn<(action: string, data: unknown) => Promise<unknown>>();
let connect: () => void;

beforeEach(() => {
  vi.spyOn(connection, 'getTransport').mockReturnValue({ request } as unknown as RealtimeTransport);
  vi.spyOn(connection, 'onConnected').mockImplementation((handler) => {
    connect = handler;
    return () => undefined;
  });
  vi.spyOn(conversations, 'loadConversation').mockRejectedValue(new Error('not here'));
  request.mockResolvedValue({ room: ROOM, ticket: null });
  subject.value = 'mio';
});
afterEach(() => {
  activeRoom.value = null;
  mutedBefore.value = null;
  closeMedia();
  dismissResumableRoom();
  resetRooms();
  sessionStorage.clear();
  vi.restoreAllMocks();
});

/** A page that is in the call, and its tab after a reload. */
function reload(): void {
  startRoomResume();
  activeRoom.value = CALL;
  const kept = sessionStorage.getItem('asyncsns.room')!;
  activeRoom.value = null;
  sessionStorage.setItem('asyncsns.room', kept);
  startRoomResume();
}

it('offers the running call again after a reload, until it is dismissed', async () => {
  reload();
  connect();
  await vi.waitFor(() => expect(resumableRoom.value).toEqual(ROOM));
  expect(request).toHaveBeenCalledWith('room.read', { conversationId: 'g' }, expect.anything());
  dismissResumableRoom();
  expect(resumableRoom.value).toBeNull();
});

it('remembers after the reload that its microphone was muted', async () => {
  changeMedia({ muted: true });
  reload();
  connect();
  expect(mutedBefore.value).toBe('g');
  request.mockResolvedValue({ room: null });
  await lookForRoom('g');
  expect(mutedBefore.value).toBeNull();
});

it('offers nothing on the page of the group, nor after this page has joined', async () => {
  reload();
  connect();
  await vi.waitFor(() => expect(resumableRoom.value).not.toBeNull());
  activeRoom.value = CALL;
  activeRoom.value = null;
  expect(resumableRoom.value).toBeNull();
});

it('offers nothing after leaving, when the call is over, or to another person', async () => {
  startRoomResume();
  activeRoom.value = CALL;
  activeRoom.value = null;
  expect(sessionStorage.getItem('asyncsns.room')).toBeNull();
  request.mockResolvedValue({ room: null, ticket: null });
  reload();
  connect();
  await vi.waitFor(() => expect(request).toHaveBeenCalled());
  expect(resumableRoom.value).toBeNull();
  request.mockResolvedValue({ room: ROOM, ticket: null });
  reload();
  subject.value = 'ann';
  connect();
  expect(resumableRoom.value).toBeNull();
});

it('tells who joined, left and shares a screen', () => {
  setLanguage('en');
  const screen = { tracks: { screen: {} as MediaStreamTrack }, state: 'connected' as const };
  const before = { members: [member('mio'), member('tom'), member('ann')], others: { 'page-of-tom': screen } };
  const after = { members: [member('mio', 'another'), member('tom'), member('ben')], others: {} };
  const news = newsBetween(before, after, 'mio', (id) => id);
  expect(news).toBe('ben joined the call. ann left the call. tom stopped sharing their screen.');
  expect(newsBetween(after, { ...after, others: { 'page-of-ben': screen } }, 'mio', (id) => id)).toBe(
    'ben is sharing their screen.',
  );
});
