/** One WebRTC connection by perfect negotiation (W3C webrtc-pc, "Perfect negotiation example"), with ICE restart. */
import type { CallSignalEvent } from '../api/types';
import { ArrivalWatch } from './arrivals';
import { CandidateBatch } from './candidates';

export type PeerState = 'connecting' | 'connected' | 'reconnecting';
export type Signal = Pick<CallSignalEvent, 'description' | 'candidates'>;

export interface PeerOptions {
  polite: boolean;
  iceServers: RTCIceServer[];
  /** Adds the call's media to the connection; the offering side does so first. */
  attach: (connection: RTCPeerConnection, offers: boolean) => void;
  send: (signal: Signal) => void;
  onState: (state: PeerState) => void;
  /** Sends nothing before `release`, while the call rings. */
  held?: boolean;
}

/** How long an answer waits for this device's first ICE candidate, and for further ones after it. */
const ADDRESS_MS = 50;
const ADDRESSES_MS = 5;

/** A broken path often recovers by itself; the polite side waits longer, so that only one side restarts. */
const RESTART_MS = { polite: 4000, impolite: 1500 };
/** How long media may be absent while the connection is reported as open. */
const STALL_MS = { polite: 2500, impolite: 1200 };

export class Peer {
  private readonly connection: RTCPeerConnection;
  private readonly candidates: CandidateBatch;
  private makingOffer = false;
  private ignoreOffer = false;
  private isAttached = false;
  private isInviting = false;
  isHeld: boolean;
  /** How many offers this side has made, and which one of the other side's was taken last. */
  private offers = 0;
  private taken: number | null | undefined;
  private arrivals: ArrivalWatch | undefined;
  private restartTimer: ReturnType<typeof setTimeout> | undefined;
  /** Processes signals in the order of their arrival. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeerOptions) {
    this.connection = new RTCPeerConnection({ iceServers: options.iceServers });
    this.isHeld = options.held ?? false;
    this.candidates = new CandidateBatch((candidates) => options.send({ candidates }), this.isHeld);
    this.connection.onnegotiationneeded = () => void this.offer();
    this.connection.onicecandidate = ({ candidate }) => candidate && this.candidates.add(candidate.toJSON());
    this.connection.onconnectionstatechange = () => this.follow();
    globalThis.addEventListener?.('online', this.restart);
    // The polite side adds its media when the first offer is there: simultaneous offers would cost a rollback.
    if (!options.polite) this.attach();
  }

  receive(message: Signal & Pick<CallSignalEvent, 'candidate'>): Promise<void> {
    return this.enqueue(() => this.handle(message));
  }

  /**
   * The offer that is sent with the ringing. Its ICE servers are set later, and it contains no candidates: the callee
   * learns them after the answer.
   */
  async invite(servers: Promise<RTCIceServer[]>): Promise<RTCSessionDescriptionInit> {
    this.isInviting = true;
    const offer = await this.connection.createOffer();
    void this.enqueue(async () => {
      await this.useServers(servers);
      if (this.connection.signalingState !== 'closed') await this.connection.setLocalDescription(offer);
      this.isInviting = false;
    });
    return { type: offer.type, sdp: offer.sdp };
  }

  /** The answer to the offer that came with the ringing, with the candidates found so far; null without an offer. */
  async answer(servers: Promise<RTCIceServer[]>): Promise<RTCSessionDescriptionInit | null> {
    let answer: RTCSessionDescriptionInit | null = null;
    await this.enqueue(async () => {
      await this.useServers(servers);
      if (this.connection.signalingState !== 'have-remote-offer') return;
      this.attach();
      await this.connection.setLocalDescription();
      await gathered(this.connection);
      const { type, sdp } = this.connection.localDescription!;
      this.candidates.forget();
      answer = { type, sdp };
    });
    return answer;
  }

  /** The call was answered: sends what was collected. */
  release(): void {
    this.isHeld = false;
    void this.enqueue(async () => {
      // The other side has not answered the offer that came with the ringing: send it again, with candidates.
      if (this.connection.signalingState === 'have-local-offer') {
        this.candidates.forget();
        this.sendDescription();
      }
      this.candidates.release();
    });
  }

  private async useServers(servers: Promise<RTCIceServer[]>): Promise<void> {
    const iceServers = await servers;
    const { connection } = this;
    if (iceServers.length > 0 && connection.signalingState !== 'closed')
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers });
  }

  private enqueue(act: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(act).catch((error: unknown) => console.warn('call signal', error));
    return this.queue;
  }

  /**
   * Either side has a new connection to the server, so signals may have been lost. The current description contains the
   * candidates found since; applying the same one twice has no effect.
   */
  repeat(): Promise<void> {
    return this.enqueue(async () => {
      if (!this.isHeld) this.repeatNow();
    });
  }

  private repeatNow(): void {
    if (this.connection.signalingState === 'have-local-offer') this.sendDescription();
    else if (this.connection.connectionState === 'new' || this.connection.connectionState === 'connecting') {
      if (this.connection.localDescription?.type === 'answer') this.sendDescription();
    } else if (this.connection.connectionState !== 'connected') this.restart();
  }

  close(): void {
    clearTimeout(this.restartTimer);
    this.arrivals?.end();
    globalThis.removeEventListener?.('online', this.restart);
    this.candidates.close();
    this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  /** For diagnostics and tests. */
  stats(): Promise<RTCStatsReport> {
    return this.connection.getStats();
  }

  private attach(): void {
    if (this.isAttached) return;
    this.isAttached = true;
    this.options.attach(this.connection, !this.options.polite);
  }

  private async offer(): Promise<void> {
    // Changes during the first offer are negotiated after its answer: the browser fires the event again.
    if (this.isInviting) return;
    try {
      this.makingOffer = true;
      await this.connection.setLocalDescription();
      this.offers += 1;
      this.sendDescription();
    } catch (error) {
      console.warn('call offer', error);
    } finally {
      this.makingOffer = false;
    }
  }

  private sendDescription(): void {
    const description = this.connection.localDescription;
    if (!description || this.isHeld) return;
    const { type, sdp } = description;
    const serial = type === 'offer' ? this.offers : this.taken;
    this.options.send({ description: { type, sdp, ...(serial != null && { serial }) } });
  }

  private async handle({ description, candidate, candidates }: Parameters<Peer['receive']>[0]): Promise<void> {
    if (description) await this.handleDescription(description);
    for (const one of candidates ?? (candidate ? [candidate] : [])) await this.handleCandidate(one);
  }

  private async handleDescription(description: NonNullable<Signal['description']>): Promise<void> {
    const { signalingState } = this.connection;
    const collision = description.type === 'offer' && (this.makingOffer || signalingState !== 'stable');
    this.ignoreOffer = !this.options.polite && collision;
    // A repeated answer whose original had arrived, maybe before the next offer was sent.
    const isEarlier = (description.serial ?? this.offers) !== this.offers;
    const isKnown = description.type === 'answer' && (signalingState !== 'have-local-offer' || isEarlier);
    if (this.ignoreOffer || isKnown) return;
    // One side has restarted ICE: the new path gets its full time.
    this.arrivals?.wait();
    await this.connection.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    this.taken = description.serial;
    if (this.isHeld) return;
    this.attach();
    await this.connection.setLocalDescription();
    this.sendDescription();
  }

  private async handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.ignoreOffer) throw error;
    }
  }

  private readonly restart = (): void => {
    clearTimeout(this.restartTimer);
    if (this.isAttached) this.connection.restartIce();
  };

  private follow(): void {
    const state = this.connection.connectionState;
    clearTimeout(this.restartTimer);
    const role = this.options.polite ? 'polite' : 'impolite';
    if (state === 'connected') {
      this.options.onState('connected');
      this.arrivals ??= new ArrivalWatch(this.connection, STALL_MS[role], this.restart);
    } else if (state === 'disconnected' || state === 'failed') {
      this.options.onState('reconnecting');
      this.restartTimer = setTimeout(this.restart, state === 'failed' ? 0 : RESTART_MS[role]);
    }
  }
}

/** Waits for this device's first candidates: those of its network come together, within some milliseconds. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ADDRESS_MS);
    connection.addEventListener('icecandidate', () => setTimeout(resolve, ADDRESSES_MS), { once: true });
  });
}
