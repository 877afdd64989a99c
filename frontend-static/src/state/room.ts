/** Group calls: this page's call, the running calls of groups, and the one that rings. */
import { effect, signal } from '@preact/signals';
import { ApiError } from '../api/problem';
import type { CallMedia, RoomMember, Room as RoomState } from '../api/types';
import { subject } from '../auth/session';
import { openDevices, stopOpened } from '../calls/devices';
import type { Tracks } from '../calls/lines';
import type { PeerState } from '../calls/peer';
import { t } from '../i18n';
import type { GroupRoom } from '../rooms/group-room';
import { isOlder, type RoomEnd } from '../rooms/room';
import { activeCall } from './active-call';
import { deviceChoice } from './call-devices';
import { iceServers, renewIceServers } from './call-ice';
import { closeMedia, muteMicrophone, type OwnMedia, ownMedia, sentTracks, startMedia } from './call-media';
import { reportGroupQuality } from './call-quality';
import { shownRoom } from './call-view';
import { loadConversation } from './conversations';
import { hurryWhile, onServerEvent } from './realtime';
import { readRoom, roomServer } from './room-server';
import { showToast } from './toasts';

export interface Other {
  tracks: Tracks;
  state: PeerState;
}

export interface ActiveRoom {
  conversationId: string;
  /** All participants, including this page. */
  members: readonly RoomMember[];
  joinedAt: number;
  /** By session. */
  others: Record<string, Other>;
  /** The loudest participant, or the last one who was. */
  speaker: string | null;
}

export const activeRoom = signal<ActiveRoom | null>(null);
/** By conversation; ended calls are removed. */
export const rooms = signal<Record<string, RoomState>>({});
export const ringingRoom = signal<RoomState | null>(null);
/** A request for devices or to the server is in progress. */
export const isJoining = signal(false);

/** The group call in which this tab was muted before a reload. */
export const mutedBefore = signal<string | null>(null);

const RING_MS = 30_000;
const LOOK_MS = 500;
/** Quieter audio is breathing or typing. */
const SPEAKS = 0.02;

let tabs: BroadcastChannel | undefined;
let joined: GroupRoom | null = null;
let speakerTimer: ReturnType<typeof setInterval> | undefined;

/** Starts a group's call, or joins the running one. Without a microphone, one can listen. */
export async function joinRoom(conversationId: string, media: CallMedia, takeOver = false): Promise<void> {
  if (isJoining.peek()) return;
  if (activeRoom.peek()?.conversationId === conversationId) return;
  if (activeCall.peek() || activeRoom.peek()) return showToast(t('room.leaveFirst'), { kind: 'error' });
  isJoining.value = true;
  ringingRoom.value = null;
  try {
    await enter(conversationId, media, takeOver);
  } finally {
    isJoining.value = false;
  }
}

async function enter(conversationId: string, media: CallMedia, takeOver: boolean): Promise<void> {
  const me = subject.peek();
  const [own, { GroupRoom }] = await Promise.all([
    openDevices(media, deviceChoice.peek()),
    import('../rooms/group-room'),
  ]);
  if (subject.peek() !== me || activeCall.peek()) return stopOpened(own);
  startMedia(own);
  if (wasMuted(conversationId)) muteMicrophone();
  mutedBefore.value = null;
  void loadConversation(conversationId).catch(() => undefined);
  const room = new GroupRoom({
    server: roomServer(conversationId, media),
    iceServers,
    onConnection: (connection, servers) => {
      renewIceServers(connection, servers);
      reportGroupQuality(connection, conversationId);
    },
    events: {
      onMembers: (members) => applyMembers(conversationId, members),
      onReceived: (session, tracks) => changeOther(session, { tracks }),
      onState: (session, state) => changeOther(session, { state }),
      onEnd: (why) => end(why),
    },
  });
  joined = room;
  room.publish(sentTracks(ownMedia.peek()));
  room.mute(isSilent(ownMedia.peek()));
  try {
    await room.join(takeOver);
    if (joined === room) speakerTimer = setInterval(() => void listen(room), LOOK_MS);
  } catch (error) {
    leaveRoom();
    refused(error);
  }
}

/** People who are muted stay so when they join again or continue on another page. */
function wasMuted(conversationId: string): boolean {
  const { members = [] } = rooms.peek()[conversationId] ?? {};
  const here = members.find(({ userId }) => userId === subject.peek());
  return here?.muted ?? mutedBefore.peek() === conversationId;
}

function refused(error: unknown): void {
  const slug = error instanceof ApiError ? error.slug : '';
  if (slug === 'room-full') showToast(t('room.full'), { kind: 'error' });
  else if (slug === 'in-another-call') showToast(t('room.leaveFirst'), { kind: 'error' });
  else if (slug === 'call-elsewhere') showToast(t('room.elsewhere'), { kind: 'error' });
  else throw error;
}

export function isSilent({ muted, silenced, tracks }: OwnMedia): boolean {
  return muted || silenced.microphone || !tracks.microphone;
}

function applyMembers(conversationId: string, members: readonly RoomMember[]): void {
  const before = activeRoom.peek();
  const sessions = new Set(members.map(({ session }) => session));
  const others = Object.fromEntries(Object.entries(before?.others ?? {}).filter(([session]) => sessions.has(session)));
  shownRoom.value = conversationId;
  activeRoom.value = { speaker: null, joinedAt: Date.now(), ...before, conversationId, members, others };
}

function changeOther(session: string, change: Partial<Other>): void {
  const before = activeRoom.peek();
  if (!before) return;
  const other: Other = { tracks: {}, state: 'connecting', ...before.others[session], ...change };
  activeRoom.value = { ...before, others: { ...before.others, [session]: other } };
}

/** The loudest participant is the speaker; in a pause, the last one remains it. */
async function listen(room: GroupRoom): Promise<void> {
  const sessions = Object.keys(activeRoom.peek()?.others ?? {});
  const levels = await Promise.all(sessions.map(async (session) => [session, await room.level(session)] as const));
  const [session, level] = levels.reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as const);
  const current = activeRoom.peek();
  if (!current?.others[session] || joined !== room) return;
  if (level >= SPEAKS && session !== current.speaker) activeRoom.value = { ...current, speaker: session };
}

const END_WORDS = {
  elsewhere: 'room.movedElsewhere',
  removed: 'room.removed',
  full: 'room.full',
  lost: 'room.lost',
} as const satisfies Record<RoomEnd, string>;

function end(why: RoomEnd): void {
  leaveRoom();
  showToast(t(END_WORDS[why]));
}

/** Also called when the room closes for this page: closes its devices, but none of another call. */
export function leaveRoom(): void {
  if (!joined) return;
  clearInterval(speakerTimer);
  joined.leave();
  joined = null;
  activeRoom.value = null;
  shownRoom.value = null;
  closeMedia();
}

function applyRoom(room: RoomState, rings: boolean): void {
  const known = rooms.peek()[room.conversationId];
  if (known && isOlder(room, known)) return;
  if (room.endedAt) forget(room.conversationId);
  else rooms.value = { ...rooms.peek(), [room.conversationId]: room };
  const isIn = room.members.some(({ userId }) => userId === subject.peek());
  const rang = ringingRoom.peek();
  if (rang?.id === room.id && (room.endedAt || isIn)) ringingRoom.value = null;
  if (rings && !isIn && !activeCall.peek() && !activeRoom.peek()) ring(room);
}

function forget(conversationId: string): void {
  const { [conversationId]: _, ...others } = rooms.peek();
  rooms.value = others;
  if (mutedBefore.peek() === conversationId) mutedBefore.value = null;
}

function ring(room: RoomState): void {
  ringingRoom.value = room;
  void loadConversation(room.conversationId).catch(() => undefined);
  setTimeout(() => {
    if (ringingRoom.peek()?.id === room.id) ringingRoom.value = null;
  }, RING_MS);
}

/** Also stops the ringing in the browser's other tabs: otherwise the next one would take over. */
export function dismissRing(): void {
  tabs?.postMessage(ringingRoom.peek()?.id);
  ringingRoom.value = null;
}

/** Fetches the running call of a group; events update it. Returns null without a call, nothing without an answer. */
export async function lookForRoom(conversationId: string): Promise<RoomState | null | undefined> {
  const room = await readRoom(conversationId).catch(() => undefined);
  if (room) applyRoom(room, false);
  else if (room === null) forget(conversationId);
  return room;
}

export function startRooms(): void {
  onServerEvent('room.updated', ({ room, rings }) => applyRoom(room, rings));
  effect(() => {
    const own = ownMedia.value;
    joined?.publish(sentTracks(own));
    joined?.subscribe({ pictures: !own.voiceOnly });
    joined?.mute(isSilent(own));
  });
  hurryWhile(() => activeRoom.peek() !== null);
  tabs ??= new BroadcastChannel('asyncsns.ring');
  tabs.onmessage = ({ data }) => {
    if (data && ringingRoom.peek()?.id === data) ringingRoom.value = null;
  };
  addEventListener('pagehide', ({ persisted }) => !persisted && joined?.leave());
}

export function resetRooms(): void {
  leaveRoom();
  rooms.value = {};
  ringingRoom.value = null;
}
