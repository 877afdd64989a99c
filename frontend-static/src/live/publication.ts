/**
 * Publishes the host's media to the media server over WHIP (RFC 9725): one video and one audio track, as other programs
 * do.
 */
import type { PeerState } from '../calls/peer';
import { ask, ending, type Pass, renew } from '../rooms/door';
import { described, Leg } from '../rooms/sfu-leg';

export interface Sent {
  sound: MediaStreamTrack | null;
  picture: MediaStreamTrack | null;
}

export interface PublicationOptions {
  /** `url` is the URL for publishing. */
  pass: Pass;
  iceServers: RTCIceServer[];
  sent: () => Sent;
  onState: (state: PeerState) => void;
}

export class Publication {
  private readonly leg: Leg;
  private pass: Pass;

  constructor(private readonly options: PublicationOptions) {
    this.pass = options.pass;
    this.leg = new Leg({
      iceServers: options.iceServers,
      onState: options.onState,
      negotiate: (connection, signal) => this.publish(connection, signal),
    });
  }

  /** Replaces the tracks that are sent. */
  update(): void {
    if (this.leg.connection) this.send(this.leg.connection);
  }

  /** @throws Error when the media server is unreachable */
  async admit(pass: Pass): Promise<void> {
    this.pass = pass;
    await renew(pass);
  }

  close(): void {
    this.leg.close();
  }

  private async publish(connection: RTCPeerConnection, signal: AbortSignal): Promise<() => void> {
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'sendonly' });
    this.send(connection);
    const body = await described(connection);
    const answer = await ask(this.pass, this.pass.url, { method: 'POST', body, signal });
    await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    return ending(() => this.pass, answer);
  }

  private send(connection: RTCPeerConnection): void {
    const { sound, picture } = this.options.sent();
    const [forSound, forPicture] = connection.getTransceivers();
    for (const [line, track] of [
      [forSound, sound],
      [forPicture, picture],
    ] as const)
      if (line && line.sender.track !== track) void line.sender.replaceTrack(track).catch(() => undefined);
  }
}
