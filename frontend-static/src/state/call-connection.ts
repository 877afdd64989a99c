/** The peer connection of a call: created when the call is answered, or in advance while it rings. */
import type { Call, CallSignal, IceServers } from '../api/types';
import type { Lines, Tracks } from '../calls/lines';
import type { Peer, PeerState, Signal } from '../calls/peer';
import { sendSignal } from './call-actions';
import { iceServers, renewIceServers } from './call-ice';
import { makeLines, useLines } from './call-media';
import { watchQuality } from './call-quality';

/** Requirements of a connection, loaded while devices are requested or the call rings. */
export interface Ingredients {
  code: Promise<typeof Peer>;
  servers: Promise<IceServers>;
}

export function loadIngredients(): Ingredients {
  return { code: import('../calls/peer').then((module) => module.Peer), servers: iceServers() };
}

interface CallPeerOptions {
  polite: boolean;
  /** Sends nothing before `release`; ICE servers are applied when they are known. */
  held: boolean;
  servers: Promise<IceServers>;
  /** The tracks that are sent until the call is entered. */
  tracks?: Tracks;
  onState: (state: PeerState) => void;
}

/** A peer connection, and the negotiation of the call to which it belongs. */
export interface CallPeer {
  readonly peer: Peer;
  /** From now on the connection carries this call's media. */
  enter(call: Pick<Call, 'id' | 'epoch'>): void;
  invite(): Promise<RTCSessionDescriptionInit>;
  answer(): Promise<RTCSessionDescriptionInit | null>;
}

export function makeCallPeer(
  Connection: typeof Peer,
  servers: RTCIceServer[],
  { polite, held, tracks, onState, ...options }: CallPeerOptions,
): CallPeer {
  let to: Pick<CallSignal, 'callId' | 'epoch'> | null = null;
  let attached: { connection: RTCPeerConnection; lines: Lines } | null = null;
  const use = (): void => {
    if (!attached || !to) return;
    const { connection, lines } = attached;
    useLines(lines);
    watchQuality(connection, to.callId);
    void options.servers.then((found) => renewIceServers(connection, found));
  };
  const attach = (connection: RTCPeerConnection, offers: boolean): void => {
    attached = { connection, lines: makeLines(connection, offers, () => (to ? undefined : tracks)) };
    use();
  };
  const send = (message: Signal): void => {
    if (to) sendSignal({ ...to, ...message });
  };
  const peer = new Connection({ polite, held, iceServers: servers, attach, send, onState });
  const known = options.servers.then(({ iceServers }) => iceServers);
  return {
    peer,
    enter: ({ id, epoch }) => {
      to = { callId: id, epoch };
      use();
    },
    invite: () => peer.invite(known),
    answer: () => peer.answer(known),
  };
}
