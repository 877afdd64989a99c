/** Media over a mesh: each pair of browsers has a connection. For a few people, without a media server. */
import type { RoomMember, RoomSignalEvent } from '../api/types';
import { Lines } from '../calls/lines';
import { Peer } from '../calls/peer';
import { limitCamera } from './camera-size';
import { Loudness } from './loudness';
import type { MediaOptions, RoomMedia } from './media';

interface Link {
  peer: Peer;
  lines: Lines | null;
  /** A session that left and returned needs a new connection. */
  joinedAt: string;
}

export class MeshMedia implements RoomMedia {
  private readonly links = new Map<string, Link>();
  /** Signals of pages, or of stays in the call, that are not in the participants' list yet. */
  private readonly early = new Map<string, RoomSignalEvent[]>();
  private readonly loudness = new Loudness();

  constructor(private readonly options: MediaOptions) {}

  follow(others: readonly RoomMember[], isBack: boolean): void {
    for (const [session, { joinedAt }] of [...this.links])
      if (isBack || !others.some((one) => one.session === session && one.joinedAt === joinedAt)) this.drop(session);
    for (const one of others) {
      const link = this.links.get(one.session);
      // This page or the others may have a new connection to the server: signals over the old one may be lost.
      if (link) void link.peer.repeat();
      else this.connect(one);
    }
    for (const { lines } of this.links.values()) this.limit(lines);
  }

  receive(signal: RoomSignalEvent): void {
    const { fromSession, fromJoinedAt } = signal;
    const link = this.links.get(fromSession);
    if (link && link.joinedAt === fromJoinedAt) void link.peer.receive(signal);
    else this.early.set(fromSession, [...(this.early.get(fromSession) ?? []), signal]);
  }

  /** A mesh needs no tokens. */
  admit(): void {}

  update(): void {
    for (const { lines } of this.links.values()) void lines?.update().then(() => this.limit(lines));
  }

  level(session: string): Promise<number> {
    return this.loudness.of(this.links.get(session)?.lines?.receiver('microphone'));
  }

  close(): void {
    for (const session of [...this.links.keys()]) this.drop(session);
  }

  /** Of two pages, the one whose id sorts first waits for the other's offer. */
  private connect(member: RoomMember): void {
    const { server, servers, sent, wantsPictures, events, onConnection } = this.options;
    const { session, joinedAt } = member;
    const link: Omit<Link, 'peer'> = { lines: null, joinedAt };
    const peer = new Peer({
      polite: server.session < session,
      iceServers: servers.iceServers,
      attach: (connection, offers) => {
        const onReceived = (tracks: Parameters<typeof events.onReceived>[1]) => events.onReceived(session, tracks);
        link.lines = new Lines(connection, { offers, sent, wantsPictures, onReceived });
        onConnection?.(connection, servers);
      },
      send: (signal) => server.send(member, signal),
      onState: (state) => {
        events.onState(session, state);
        this.limit(link.lines);
      },
    });
    this.links.set(session, Object.assign(link, { peer }));
    for (const signal of this.early.get(session) ?? []) if (signal.fromJoinedAt === joinedAt) void peer.receive(signal);
    this.early.delete(session);
  }

  private limit(lines: Lines | null): void {
    void limitCamera(lines?.sender('camera'), this.links.size + 1);
  }

  private drop(session: string): void {
    this.links.get(session)?.peer.close();
    this.links.delete(session);
  }
}
