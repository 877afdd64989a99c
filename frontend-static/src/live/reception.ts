/** Receives a stream from the media server over WHEP (draft-ietf-wish-whep), in which the server offers. */
import type { PeerState } from '../calls/peer';
import { ask, ending, type Pass, renew } from '../rooms/door';
import { described, Leg } from '../rooms/sfu-leg';

export interface ReceptionOptions {
  /** `url` is the URL for watching. */
  pass: Pass;
  iceServers: RTCIceServer[];
  onTracks: (tracks: MediaStreamTrack[]) => void;
  onState: (state: PeerState) => void;
}

export class Reception {
  private readonly leg: Leg;
  private pass: Pass;

  constructor(private readonly options: ReceptionOptions) {
    this.pass = options.pass;
    this.leg = new Leg({
      iceServers: options.iceServers,
      onState: options.onState,
      negotiate: (connection, signal) => this.watch(connection, signal),
    });
  }

  /** @throws Error when the media server is unreachable */
  async admit(pass: Pass): Promise<void> {
    this.pass = pass;
    await renew(pass);
  }

  close(): void {
    this.leg.close();
  }

  private async watch(connection: RTCPeerConnection, signal: AbortSignal): Promise<() => void> {
    const offer = await ask(this.pass, this.pass.url, { method: 'POST', signal });
    const end = ending(() => this.pass, offer);
    await connection.setRemoteDescription({ type: 'offer', sdp: await offer.text() });
    const body = await described(connection);
    await ask(this.pass, offer.headers.get('location')!, { method: 'PATCH', body, signal });
    this.options.onTracks(connection.getReceivers().map(({ track }) => track));
    return end;
  }
}
