/** The contract of every adapter of `Room`, for any media path; `rooms.test.ts` runs it. */
import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../src/api/problem';
import type { RoomMember, Room as RoomState } from '../src/api/types';
import type { Room, RoomEnd, RoomEvents } from '../src/rooms/room';
import type { MediaTicket, RoomServer } from '../src/rooms/server';
import type { FakeTrack } from './fake-connection';

export type Make = (server: RoomServer, events: RoomEvents) => Room;
type Listener = Parameters<RoomServer['listen']>[0];

function problem(slug: string, status = 409): ApiError {
  return new ApiError(slug, status, { type: slug, title: slug, status });
}

/** The server: one room in memory. Signals are delivered in order, asynchronously. */
export class FakeServer {
  members: RoomMember[] = [];
  revision = 0;
  limit = 4;
  path: RoomState['path'] = 'mesh';
  joins = 0;
  /** Part of each token for the media server: a new number makes a new token. */
  tickets = 0;
  /** Number of join requests. */
  entries = 0;
  /** The `muted` values that pages have sent. */
  readonly heard: boolean[] = [];
  private free: Promise<void> = Promise.resolve();
  private joinsFree: Promise<void> = Promise.resolve();
  readonly listeners = new Map<string, Listener>();
  readonly signals: { from: string; to: string }[] = [];

  get room(): RoomState {
    const { limit, path } = this;
    const rest = { media: 'video' as const, startedBy: 'a', createdAt: '', endedAt: null, limit, path };
    return { id: 'r', conversationId: 'c', ...rest, revision: this.revision, members: this.members };
  }

  of(session: string): RoomServer {
    const mine = () => this.members.find((one) => one.session === session);
    const userId = session.split('-')[0]!;
    const member = (): RoomMember => ({ userId, session, joinedAt: String(++this.joins), muted: false, sends: [] });
    const view = () => ({ room: this.room, ticket: this.path === 'sfu' ? ticketOf(session, this.tickets) : null });
    return {
      session,
      join: async () => {
        this.entries += 1;
        if (!mine() && this.members.length >= this.limit) throw problem('room-full');
        if (!mine()) this.change([...this.members, member()]);
        await this.joinsFree;
        return view();
      },
      here: async (muted, sends) => {
        this.heard.push(muted);
        await this.free;
        if (!mine())
          throw problem(this.members.some((one) => one.userId === userId) ? 'call-elsewhere' : 'not-in-call');
        const before = mine()!;
        const now = { ...before, muted, sends: [...sends] };
        if (JSON.stringify(now) !== JSON.stringify(before))
          this.change(this.members.map((one) => (one === before ? now : one)));
        return view();
      },
      leave: () => this.change(this.members.filter((one) => one.session !== session)),
      send: (to, signal) => {
        this.signals.push({ from: session, to: to.session });
        const fromJoinedAt = mine()?.joinedAt;
        const about = { conversationId: 'c', roomId: 'r', from: userId, fromSession: session, fromJoinedAt };
        const isFor = mine() && this.members.some((one) => one.session === to.session && one.joinedAt === to.joinedAt);
        if (isFor) queueMicrotask(() => this.listeners.get(to.session)?.onSignal({ ...about, ...signal } as never));
      },
      listen: (listener) => {
        this.listeners.set(session, listener);
        return () => void this.listeners.delete(session);
      },
    };
  }

  /** Holds the responses to heartbeats until the returned function is called. */
  holdHere(): () => void {
    this.heard.length = 0;
    let answer = (): void => undefined;
    this.free = new Promise((resolve) => (answer = resolve));
    return answer;
  }

  /** Holds the responses to joins; the other pages are notified immediately. */
  holdJoins(): () => void {
    let answer = (): void => undefined;
    this.joinsFree = new Promise((resolve) => (answer = resolve));
    return answer;
  }

  change(members: RoomMember[]): void {
    this.members = members;
    this.revision += 1;
    this.tell(this.room);
  }

  tell(room: RoomState): void {
    for (const { onRoom } of [...this.listeners.values()]) onRoom(room);
  }
}

function ticketOf(session: string, number: number): MediaTicket {
  return { url: 'http://sfu', token: `${session}/${number}`, expiresAt: '' };
}

/** One page in the room, and the events that it received. */
export class Page {
  members: string[] = [];
  muted: string[] = [];
  readonly states = new Map<string, string>();
  /** The tracks that this page receives, by session. */
  readonly received = new Map<string, string>();
  readonly microphones = new Map<string, FakeTrack>();
  readonly ends: RoomEnd[] = [];
  readonly room: Room;

  constructor(make: Make, server: FakeServer, session: string) {
    this.room = make(server.of(session), {
      onMembers: (members) => {
        this.members = members.map((one) => one.session);
        this.muted = members.filter((one) => one.muted).map((one) => one.session);
      },
      onReceived: (other, tracks) => {
        this.received.set(other, Object.keys(tracks).join());
        if (tracks.microphone) this.microphones.set(other, tracks.microphone as unknown as FakeTrack);
      },
      onState: (other, state) => this.states.set(other, state),
      onEnd: (why) => this.ends.push(why),
    });
  }
}

export function keepsTheContract(make: Make, path: RoomState['path']): void {
  let server: FakeServer;
  const page = (session: string) => new Page(make, server, session);
  const joined = async (...sessions: string[]) => {
    const pages = sessions.map(page);
    for (const one of pages) await one.room.join();
    return pages as [Page, Page, Page];
  };
  const connected = (one: Page, ...others: string[]) =>
    vi.waitFor(() => expect(others.map((other) => one.states.get(other))).toEqual(others.map(() => 'connected')));

  beforeEach(() => {
    server = new FakeServer();
    server.path = path;
  });

  it('connects all members, regardless of the order of joining', async () => {
    const [b, a, c] = await joined('b-1', 'a-1', 'c-1');
    await connected(a, 'b-1', 'c-1');
    await connected(b, 'a-1', 'c-1');
    await connected(c, 'a-1', 'b-1');
    for (const one of [a, b, c]) expect(one.members).toEqual(['b-1', 'a-1', 'c-1']);
  });

  it('lets a member leave and rejoin while the others stay connected', async () => {
    const [a, b] = await joined('a-1', 'b-1', 'c-1');
    b.room.leave();
    b.room.leave();
    expect(a.members).toEqual(['a-1', 'c-1']);
    const again = page('b-2');
    await again.room.join();
    await connected(again, 'a-1', 'c-1');
    expect(b.ends).toEqual([]);
  });

  it('measures the level of each member since the last call', async () => {
    const [a, b, c] = ['a-1', 'b-1', 'c-1'].map(page) as [Page, Page, Page];
    for (const { room } of [a, b, c]) {
      room.publish({ microphone: { kind: 'audio' } as MediaStreamTrack });
      await room.join();
    }
    await vi.waitFor(() => expect([...a.microphones.keys()].sort()).toEqual(['b-1', 'c-1']));
    const levels = () => Promise.all(['b-1', 'c-1', 'nobody'].map((session) => a.room.level(session)));
    expect(await levels()).toEqual([0, 0, 0]);
    a.microphones.get('b-1')!.sounds(0.4, 0.25);
    for (const one of a.microphones.values()) one.sounds(0, 0.75);
    expect(await levels()).toEqual([expect.closeTo(0.2), 0, 0]);
    for (const one of a.microphones.values()) one.sounds(0, 0.5);
    a.microphones.get('c-1')!.sounds(0.6, 0.5);
    expect(await levels()).toEqual([0, expect.closeTo(0.6 / Math.SQRT2), 0]);
    expect(await levels()).toEqual([0, 0, 0]);
  });

  it('tells the others that a member is muted', async () => {
    const [a, b] = await joined('a-1', 'b-1');
    a.room.mute(true);
    await vi.waitFor(() => expect(b.muted).toEqual(['a-1']));
  });

  it('tells the others that a member joined muted', async () => {
    const [a] = await joined('a-1');
    const b = page('b-1');
    b.room.mute(true);
    await b.room.join();
    await vi.waitFor(() => expect(a.muted).toEqual(['b-1']));
  });

  it('refuses a page above the limit, which then receives no events', async () => {
    await joined('a-1', 'b-1', 'c-1', 'd-1');
    const late = page('e-1');
    await expect(late.room.join()).rejects.toMatchObject({ slug: 'room-full' });
    expect([late.members, server.listeners.has('e-1')]).toEqual([[], false]);
  });

  it('joins again when the server removed the page', async () => {
    const [a] = await joined('a-1', 'b-1');
    server.change(server.members.filter((one) => one.session !== 'a-1'));
    await vi.waitFor(() => expect(a.members).toEqual(['b-1', 'a-1']));
    await connected(a, 'b-1');
    expect(a.ends).toEqual([]);
  });

  it('sends one heartbeat at a time, and then the latest state', async () => {
    const [a] = await joined('a-1', 'b-1');
    await connected(a, 'b-1');
    const answer = server.holdHere();
    for (const muted of [true, false, true]) a.room.mute(muted);
    expect(server.heard).toEqual([true]);
    answer();
    await vi.waitFor(() => expect(server.heard).toEqual([true, true]));
  });

  it('joins once when the server removed it during a heartbeat', async () => {
    const [a] = await joined('a-1', 'b-1');
    await connected(a, 'b-1');
    const answer = server.holdHere();
    a.room.mute(true);
    server.change(server.members.filter((one) => one.session !== 'a-1'));
    a.room.mute(false);
    const before = server.entries;
    answer();
    await connected(a, 'b-1');
    await vi.waitFor(() => expect(a.members).toEqual(['b-1', 'a-1']));
    expect([server.entries - before, a.ends]).toEqual([1, []]);
  });

  it('joins again when another member has rejoined meanwhile', async () => {
    const [a] = await joined('a-1', 'b-1');
    const [mine, theirs] = server.members as [RoomMember, RoomMember];
    const answer = server.holdHere();
    server.change([mine]);
    server.change([{ ...theirs, joinedAt: 'later' }]);
    answer();
    await vi.waitFor(() => expect(a.members).toEqual(['b-1', 'a-1']));
    expect(a.ends).toEqual([]);
  });

  it('starts no new call when the server ended the call of a single member', async () => {
    const [a] = await joined('a-1');
    server.change([]);
    await vi.waitFor(() => expect(a.ends).toEqual(['lost']));
    expect(server.members).toEqual([]);
  });

  it('ends when another page of the same person takes over', async () => {
    const [a, b] = await joined('a-1', 'b-1');
    server.change([
      ...server.members.filter((one) => one.session !== 'a-1'),
      { ...server.members[0]!, session: 'a-2' },
    ]);
    await vi.waitFor(() => expect(a.ends).toEqual(['elsewhere']));
    expect(b.members).toEqual(['b-1', 'a-2']);
  });

  it('ignores an older state of the room', async () => {
    const [a] = await joined('a-1');
    const old = server.room;
    await joined('b-1');
    server.tell(old);
    expect(a.members).toEqual(['a-1', 'b-1']);
  });
}
