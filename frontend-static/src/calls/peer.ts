/** One WebRTC connection by perfect negotiation (W3C webrtc-pc, "Perfect negotiation example"), with ICE restart. */
import type { CallSignalEvent } from '../api/types';

export type PeerState = 'connecting' | 'connected' | 'reconnecting';

export interface PeerOptions {
  polite: boolean;
  iceServers: RTCIceServer[];
  stream: MediaStream;
  send: (message: { description?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit }) => void;
  onStream: (stream: MediaStream) => void;
  onState: (state: PeerState) => void;
}

export class Peer {
  private readonly connection: RTCPeerConnection;
  private readonly remote = new MediaStream();
  private makingOffer = false;
  private ignoreOffer = false;
  private hasTracks = false;
  /** Signals are handled in the order of their arrival. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeerOptions) {
    this.connection = new RTCPeerConnection({ iceServers: options.iceServers });
    this.connection.onnegotiationneeded = () => void this.offer();
    this.connection.onicecandidate = ({ candidate }) => candidate && options.send({ candidate: candidate.toJSON() });
    this.connection.ontrack = ({ track }) => {
      this.remote.addTrack(track);
      options.onStream(new MediaStream(this.remote.getTracks()));
    };
    this.connection.onconnectionstatechange = () => this.follow();
    // The polite side adds its tracks when the first offer is there: both sides offering at once costs a rollback.
    if (!options.polite) this.addTracks();
  }

  receive(message: CallSignalEvent): Promise<void> {
    this.queue = this.queue
      .then(() => this.handle(message))
      .catch((error: unknown) => console.warn('call signal', error));
    return this.queue;
  }

  close(): void {
    this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  /** For diagnostics and tests. */
  stats(): Promise<RTCStatsReport> {
    return this.connection.getStats();
  }

  private addTracks(): void {
    if (this.hasTracks) return;
    this.hasTracks = true;
    for (const track of this.options.stream.getTracks()) this.connection.addTrack(track, this.options.stream);
  }

  private async offer(): Promise<void> {
    try {
      this.makingOffer = true;
      await this.connection.setLocalDescription();
      this.sendDescription();
    } finally {
      this.makingOffer = false;
    }
  }

  private sendDescription(): void {
    const description = this.connection.localDescription;
    if (description) this.options.send({ description: { type: description.type, sdp: description.sdp } });
  }

  private async handle({ description, candidate }: CallSignalEvent): Promise<void> {
    if (description) await this.handleDescription(description);
    else if (candidate) await this.handleCandidate(candidate);
  }

  private async handleDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const collision = description.type === 'offer' && (this.makingOffer || this.connection.signalingState !== 'stable');
    this.ignoreOffer = !this.options.polite && collision;
    if (this.ignoreOffer) return;
    await this.connection.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    this.addTracks();
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

  private follow(): void {
    const state = this.connection.connectionState;
    if (state === 'connected') this.options.onState('connected');
    else if (state === 'disconnected') this.options.onState('reconnecting');
    else if (state === 'failed') {
      this.options.onState('reconnecting');
      this.connection.restartIce();
    }
  }
}
