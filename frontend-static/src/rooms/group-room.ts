/** A page in a group call: its heartbeats, the participants, and the media, over a mesh or a media server. */
import { ApiError } from '../api/problem';
import type { IceServers, RoomSignalEvent, Room as RoomState } from '../api/types';
import { LINES, type Tracks } from '../calls/lines';
import type { MediaOptions, RoomMedia } from './media';
import { MeshMedia } from './mesh';
import { isOlder, type Room, type RoomEnd, type RoomEvents } from './room';
import type { RoomServer, RoomView } from './server';
import { SfuMedia } from './sfu';

/** The server waits 20 seconds for the next heartbeat. */
const SIGN_OF_LIFE_MS = 6000;

const ADAPTERS: Record<RoomState['path'], new (options: MediaOptions) => RoomMedia> = {
  mesh: MeshMedia,
  sfu: SfuMedia,
};

export interface GroupRoomOptions extends Pick<MediaOptions, 'onConnection'> {
  server: RoomServer;
  iceServers: () => Promise<IceServers>;
  events: RoomEvents;
}

export class GroupRoom implements Room {
  /** The last state in which this page was a participant. */
  private state: RoomState | null = null;
  /** The newest state received, also after the server has removed this page. */
  private newest: RoomState | null = null;
  private media: RoomMedia | null = null;
  private servers: IceServers = { iceServers: [], expiresAt: null };
  private tracks: Tracks = {};
  private pictures = true;
  private muted = false;
  private isOver = false;
  private isTelling = false;
  private hasNews = false;
  /** False until the server confirms that this page has joined; others may be notified earlier and send signals. */
  private isIn = false;
  private early: RoomSignalEvent[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private unlisten = (): void => undefined;

  constructor(private readonly options: GroupRoomOptions) {}

  async join(takeOver = false): Promise<void> {
    const { server, iceServers } = this.options;
    this.unlisten = server.listen({
      onRoom: (room) => this.state && this.follow(room),
      onSignal: (signal) => this.receive(signal),
      onOpen: () => this.state && void this.sayHere(),
    });
    try {
      const [view, servers] = await Promise.all([server.join(takeOver), iceServers()]);
      if (this.isOver) return server.leave();
      this.servers = servers;
      this.timer = setInterval(() => this.isTelling || void this.sayHere(), SIGN_OF_LIFE_MS);
      this.enter(view);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  leave(): void {
    if (this.isOver) return;
    this.close();
    this.options.server.leave();
  }

  publish(tracks: Tracks): void {
    const before = this.sends().join();
    this.tracks = tracks;
    this.media?.update();
    if (this.state?.path === 'sfu' && this.sends().join() !== before) void this.sayHere();
  }

  subscribe({ pictures }: { pictures: boolean }): void {
    if (this.pictures === pictures) return;
    this.pictures = pictures;
    this.media?.update();
  }

  mute(muted: boolean): void {
    if (this.muted === muted) return;
    this.muted = muted;
    if (this.state) void this.sayHere();
  }

  async level(session: string): Promise<number> {
    return this.media?.level(session) ?? 0;
  }

  /** In a mesh, the session descriptions tell which lines are active; a media server forwards all of them. */
  private sends() {
    return LINES.filter((line) => this.tracks[line]);
  }

  /**
   * Sends one heartbeat at a time, the next one with the latest state. So a slow server gets no backlog, and only one
   * heartbeat finds that the page has to join again.
   */
  private async sayHere(): Promise<void> {
    this.hasNews = true;
    if (this.isTelling) return;
    this.isTelling = true;
    try {
      while (this.hasNews && !this.isOver) {
        this.hasNews = false;
        await this.tell();
      }
    } finally {
      this.isTelling = false;
    }
  }

  private async tell(): Promise<void> {
    try {
      this.take(await this.options.server.here(this.muted, this.sends()));
    } catch (error) {
      if (this.isOver || !(error instanceof ApiError)) return;
      if (error.slug === 'not-in-call') await this.rejoin();
      else if (error.slug === 'call-elsewhere') this.end('elsewhere');
      else if (error.status === 404) this.end('removed');
    }
  }

  /** After a long interruption the server has removed this page. If it was the only one, the call is over. */
  private async rejoin(): Promise<void> {
    if (![this.state, this.newest].some((room) => this.hasOthers(room))) return this.end('lost');
    this.isIn = false;
    try {
      this.enter(await this.options.server.join(false));
    } catch (error) {
      if (this.isOver || !(error instanceof ApiError) || error.isTemporary) return;
      this.end(error.slug === 'room-full' ? 'full' : error.status === 404 ? 'removed' : 'lost');
    }
  }

  private hasOthers(room: RoomState | null): boolean {
    return room?.members.some(({ session }) => session !== this.options.server.session) ?? false;
  }

  /** The server assumes that a joining page has a live microphone and sends nothing. */
  private enter(view: RoomView): void {
    this.take(view);
    this.isIn = true;
    for (const signal of this.early.splice(0)) this.receive(signal);
    if (this.muted || view.room.path === 'sfu') void this.sayHere();
  }

  private receive(signal: RoomSignalEvent): void {
    if (!this.isIn) this.early.push(signal);
    else if (signal.roomId === this.state?.id) this.media?.receive(signal);
  }

  private take({ room, ticket }: RoomView): void {
    this.follow(room);
    this.media?.admit(ticket);
  }

  private follow(room: RoomState): void {
    const before = this.state;
    if (this.isOver || (before && isOlder(room, before))) return;
    if (!this.newest || !isOlder(room, this.newest)) this.newest = room;
    const { server, events } = this.options;
    const mine = room.members.find(({ session }) => session === server.session);
    if (!mine) return void this.sayHere();
    this.state = room;
    const known = before?.members.find(({ session }) => session === mine.session);
    const isBack = known !== undefined && known.joinedAt !== mine.joinedAt;
    if (before?.id !== room.id || before.path !== room.path) this.change(room);
    this.media?.follow(
      room.members.filter((one) => one !== mine),
      isBack,
    );
    events.onMembers(room.members);
  }

  /** The media path is set: the call has begun, or has become too large for a mesh. */
  private change(room: RoomState): void {
    const { server, onConnection, events } = this.options;
    const wasIn = this.media !== null;
    this.media?.close();
    const wants = { sent: () => this.tracks, wantsPictures: () => this.pictures };
    const shared = { room: room.id, server, servers: this.servers, events, ...wants };
    this.media = new ADAPTERS[room.path]({ ...shared, ...(onConnection && { onConnection }) });
    // The answer contains this page's token for the media server.
    if (wasIn && room.path === 'sfu') void this.sayHere();
  }

  private end(why: RoomEnd): void {
    this.close();
    this.options.events.onEnd(why);
  }

  private close(): void {
    this.isOver = true;
    clearInterval(this.timer);
    this.unlisten();
    this.media?.close();
  }
}
