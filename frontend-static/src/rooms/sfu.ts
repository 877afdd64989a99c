/**
 * Media over a media server (SFU): this page publishes once, over WHIP (RFC 9725), and watches each other page over
 * WHEP (draft-ietf-wish-whep), in which the server offers.
 */
import type { RoomMember } from '../api/types';
import { KINDS, LINES, type Tracks } from '../calls/lines';
import { limitCamera } from './camera-size';
import { ask, ending, Refusal, renew } from './door';
import { Loudness } from './loudness';
import type { MediaOptions, RoomMedia } from './media';
import type { MediaTicket } from './server';
import { described, Leg } from './sfu-leg';

/** The server ends sessions whose token has expired; a token is valid for a minute. */
const RENEW_MS = 15_000;

interface Viewed {
  leg: Leg;
  member: RoomMember;
}

export class SfuMedia implements RoomMedia {
  private ticket: MediaTicket | null = null;
  /** The newest token that the server refused. It is not sent again. */
  private refused = '';
  private waiting: (() => void)[] = [];
  private renewedAt = 0;
  private publication: Leg | null = null;
  private readonly views = new Map<string, Viewed>();
  private readonly loudness = new Loudness();
  private others: readonly RoomMember[] = [];
  private withPictures: boolean;

  constructor(private readonly options: MediaOptions) {
    this.withPictures = options.wantsPictures();
  }

  follow(others: readonly RoomMember[], isBack: boolean): void {
    this.others = others;
    for (const [session, { member }] of [...this.views]) {
      const now = others.find((one) => one.session === session);
      if (isBack || now?.joinedAt !== member.joinedAt) this.drop(session);
    }
    if (isBack) this.publication?.restart();
    this.limit();
    if (this.ticket) this.watch();
  }

  receive(): void {}

  admit(ticket: MediaTicket | null): void {
    if (!ticket) return;
    const isFirst = this.ticket === null;
    this.ticket = ticket;
    if (ticket.token !== this.refused) for (const goOn of this.waiting.splice(0)) goOn();
    if (isFirst) {
      this.renewedAt = Date.now();
      this.publication = this.publish();
      this.watch();
    } else if (Date.now() - this.renewedAt > RENEW_MS) {
      this.renewedAt = Date.now();
      void renew(ticket).catch((error: unknown) => console.warn('media server', error));
    }
  }

  update(): void {
    const { connection } = this.publication ?? {};
    if (connection) void this.send(connection);
    if (this.withPictures === this.options.wantsPictures()) return;
    this.withPictures = this.options.wantsPictures();
    for (const { leg } of this.views.values()) leg.restart();
  }

  level(session: string): Promise<number> {
    const { connection } = this.views.get(session)?.leg ?? {};
    return this.loudness.of(connection ? receivers(connection, 'audio')[0] : undefined);
  }

  close(): void {
    this.publication?.close();
    for (const session of [...this.views.keys()]) this.drop(session);
  }

  private publish(): Leg {
    const { room, server, servers, onConnection } = this.options;
    return new Leg({
      iceServers: servers.iceServers,
      onState: () => undefined,
      negotiate: async (connection, signal) => {
        for (const line of LINES) connection.addTransceiver(KINDS[line], { direction: 'sendonly' });
        await this.send(connection);
        onConnection?.(connection, servers);
        const body = await described(connection);
        const answer = await this.ask(`/whip/${room}/${server.session}`, { method: 'POST', body, signal });
        await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
        this.limit();
        return ending(() => this.ticket!, answer);
      },
    });
  }

  /** Waits for another token if the server has refused the current one: it expires when this page cannot renew it. */
  private async ask(path: string, request: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const { signal } = request;
    while (this.ticket!.token === this.refused && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    const pass = this.ticket!;
    try {
      return await ask(pass, path, request);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) this.refused = pass.token;
      throw error;
    }
  }

  private async send(connection: RTCPeerConnection): Promise<void> {
    const sent = this.options.sent();
    const replaced = connection.getTransceivers().map(async ({ sender }, index) => {
      const track = sent[LINES[index]!] ?? null;
      if (sender.track !== track) await sender.replaceTrack(track).catch(() => undefined);
    });
    await Promise.all(replaced);
    this.limit();
  }

  /** The media server forwards the picture as this page sends it, so it is made for the tile that the others show. */
  private limit(): void {
    const sender = this.publication?.connection?.getTransceivers()[LINES.indexOf('camera')]?.sender;
    void limitCamera(sender, this.others.length + 1);
  }

  private watch(): void {
    for (const member of this.others) {
      const viewed = this.views.get(member.session);
      if (viewed) {
        const isSame = viewed.member.sends.join() === member.sends.join();
        viewed.member = member;
        if (!isSame) this.tell(viewed);
      } else this.views.set(member.session, this.view(member));
    }
  }

  private view(member: RoomMember): Viewed {
    const { room, servers, events, onConnection } = this.options;
    const leg = new Leg({
      iceServers: servers.iceServers,
      onState: (state) => events.onState(member.session, state),
      negotiate: async (connection, signal) => {
        onConnection?.(connection, servers);
        const offer = await this.ask(`/whep/${room}/${member.session}`, { method: 'POST', signal });
        const end = ending(() => this.ticket!, offer);
        await connection.setRemoteDescription({ type: 'offer', sdp: await offer.text() });
        if (!this.withPictures)
          for (const one of connection.getTransceivers())
            if (one.receiver.track.kind === 'video') one.direction = 'inactive';
        const body = await described(connection);
        await this.ask(offer.headers.get('location')!, { method: 'PATCH', body, signal });
        this.tell(this.views.get(member.session));
        return end;
      },
    });
    return { leg, member };
  }

  /** All lines exist; the other page announces which of them are active. */
  private tell(viewed: Viewed | undefined): void {
    const connection = viewed?.leg.connection;
    if (!viewed || !connection) return;
    const tracks: Tracks = {};
    for (const line of viewed.member.sends) {
      const kind = KINDS[line];
      const place = LINES.filter((one) => KINDS[one] === kind).indexOf(line);
      const receiver = receivers(connection, kind)[place];
      if (receiver && (kind === 'audio' || this.withPictures)) tracks[line] = receiver.track;
    }
    this.options.events.onReceived(viewed.member.session, tracks);
  }

  private drop(session: string): void {
    this.views.get(session)?.leg.close();
    this.views.delete(session);
  }
}

function receivers(connection: RTCPeerConnection, kind: string): RTCRtpReceiver[] {
  return connection.getReceivers().filter(({ track }) => track.kind === kind);
}
