import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraEncoding } from '../src/rooms/camera-size';
import { GroupRoom } from '../src/rooms/group-room';
import type { RoomEvents } from '../src/rooms/room';
import type { RoomServer } from '../src/rooms/server';
import { FakeConnection, type FakeTransceiver } from './fake-connection';
import { FakeServer, keepsTheContract, Page } from './room-contract';

/** A connection that opens when an offer is answered. */
class Line extends FakeConnection {
  static readonly all: Line[] = [];
  localDescription: RTCSessionDescriptionInit | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;

  constructor() {
    super();
    Line.all.push(this);
  }

  override addTransceiver(...how: Parameters<FakeConnection['addTransceiver']>): FakeTransceiver {
    if (this.transceivers.length === 0) queueMicrotask(() => this.onnegotiationneeded?.());
    return super.addTransceiver(...how);
  }

  async setLocalDescription(): Promise<void> {
    const isAnswer = this.signalingState === 'have-remote-offer';
    this.localDescription = { type: isAnswer ? 'answer' : 'offer', sdp: '' };
    this.signalingState = isAnswer ? 'stable' : 'have-local-offer';
    if (isAnswer) this.stand();
  }

  async setRemoteDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    if (type === 'offer') for (const kind of ['audio', 'video', 'video', 'audio'] as const) super.addTransceiver(kind);
    else this.stand();
  }

  restartIce(): void {}

  private stand(): void {
    this.connectionState = 'connected';
    this.negotiate('sendrecv', 'sendrecv', 'sendrecv', 'sendrecv');
    this.onconnectionstatechange?.();
  }
}

const make = (server: RoomServer, events: RoomEvents) =>
  new GroupRoom({ server, events, iceServers: async () => ({ iceServers: [], expiresAt: null }) });

beforeEach(() => {
  Line.all.length = 0;
  vi.stubGlobal('RTCPeerConnection', Line);
});

describe('a room over a mesh', () => {
  keepsTheContract(make, 'mesh');

  it('sizes its camera picture for each page by the number of people', async () => {
    const server = new FakeServer();
    const settings = { width: 960, height: 540 };
    const camera = { kind: 'video', getSettings: () => settings } as unknown as MediaStreamTrack;
    const a = new Page(make, server, 'a-1');
    a.room.publish({ camera });
    await a.room.join();
    const others = ['b-1', 'c-1', 'd-1'].map((session) => new Page(make, server, session));
    const sent = () =>
      Line.all.flatMap((one) => one.transceivers.map(({ sender }) => sender)).filter(({ track }) => track === camera);
    for (const [index, one] of others.entries()) {
      await one.room.join();
      const expected = Array(index + 1).fill([cameraEncoding(index + 2, settings)]);
      await vi.waitFor(() => expect(sent().map(({ parameters }) => parameters.encodings)).toEqual(expected));
    }
    // Fewer people: larger pictures on the remaining connections
    others[2]!.room.leave();
    const now = () => sent().filter(({ parameters }) => parameters.encodings[0]?.maxBitrate === 600_000);
    await vi.waitFor(() => expect(now()).toHaveLength(2));
  });

  it('has one connection per pair at each end, and closes the connections of a page that left', async () => {
    const server = new FakeServer();
    const pages = ['a-1', 'b-1', 'c-1'].map((session) => new Page(make, server, session));
    for (const one of pages) await one.room.join();
    expect(Line.all).toHaveLength(6);
    pages[2]!.room.leave();
    expect(Line.all.filter(({ signalingState }) => signalingState === 'closed')).toHaveLength(4);
  });

  it('accepts an offer that arrives before the response to its join', async () => {
    const server = new FakeServer();
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    await b.room.join();
    const answer = server.holdJoins();
    const joining = a.room.join();
    await vi.waitFor(() => expect(server.signals).toEqual([{ from: 'b-1', to: 'a-1' }]));
    answer();
    await joining;
    await vi.waitFor(() => expect([a.states.get('b-1'), b.states.get('a-1')]).toEqual(['connected', 'connected']));
  });

  it('makes new connections to a page that rejoined before the others noticed', async () => {
    const server = new FakeServer();
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    await a.room.join();
    await b.room.join();
    await vi.waitFor(() => expect(a.states.get('b-1')).toBe('connected'));
    server.change(server.members.map((one) => (one.session === 'b-1' ? { ...one, joinedAt: 'later' } : one)));
    expect(Line.all.map(({ signalingState }) => signalingState === 'closed')).toEqual([true, true, false, false]);
    await vi.waitFor(() =>
      expect(Line.all.slice(2).map((one) => one.connectionState)).toEqual(['connected', 'connected']),
    );
  });

  it('accepts the offer of a rejoined page before the room update arrives', async () => {
    const server = new FakeServer();
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    await a.room.join();
    await b.room.join();
    await vi.waitFor(() => expect(a.states.get('b-1')).toBe('connected'));
    server.members = server.members.map((one) => (one.session === 'b-1' ? { ...one, joinedAt: 'later' } : one));
    server.revision += 1;
    const before = server.signals.length;
    server.listeners.get('b-1')!.onRoom(server.room);
    await vi.waitFor(() => expect(server.signals).toHaveLength(before + 1));
    server.tell(server.room);
    await vi.waitFor(() =>
      expect(Line.all.filter(({ signalingState }) => signalingState !== 'closed')).toMatchObject([
        { connectionState: 'connected' },
        { connectionState: 'connected' },
      ]),
    );
  });

  it('sends published tracks to members that join before or after', async () => {
    const server = new FakeServer();
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    const [microphone, camera] = [
      { kind: 'audio' },
      { kind: 'video', getSettings: () => ({}) },
    ] as unknown[] as MediaStreamTrack[];
    a.room.publish({ microphone });
    await a.room.join();
    await b.room.join();
    await vi.waitFor(() => expect(b.states.get('a-1')).toBe('connected'));
    const sent = () => Line.all[0]!.transceivers.map(({ sender }) => sender.track);
    expect(sent().slice(0, 2)).toEqual([microphone, null]);
    a.room.publish({ microphone, camera });
    expect(sent().slice(0, 2)).toEqual([microphone, camera]);
    a.room.subscribe({ pictures: false });
    expect(Line.all[0]!.transceivers.map(({ direction }) => direction)).toEqual([
      'sendrecv',
      'sendonly',
      'inactive',
      'recvonly',
    ]);
  });
});
