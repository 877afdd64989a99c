/** A peer connection without a network: transceivers, and negotiation controlled by the test. */
type Kind = 'audio' | 'video';

/** A received track: its audio energy is counted as browsers do (W3C webrtc-stats, "totalAudioEnergy"). */
export class FakeTrack {
  readonly heard = { totalAudioEnergy: 0, totalSamplesDuration: 0 };

  constructor(readonly kind: Kind) {}

  sounds(level: number, seconds: number): void {
    this.heard.totalAudioEnergy += level ** 2 * seconds;
    this.heard.totalSamplesDuration += seconds;
  }
}

interface Parameters {
  encodings: Record<string, unknown>[];
}

interface FakeSender {
  track: unknown;
  parameters: Parameters;
  replaceTrack: (track: unknown) => Promise<void>;
  getParameters: () => Parameters;
  setParameters: (parameters: Parameters) => Promise<void>;
}

export class FakeTransceiver {
  direction: RTCRtpTransceiverDirection;
  currentDirection: RTCRtpTransceiverDirection | null = null;
  readonly sender: FakeSender = {
    track: null,
    replaceTrack: async (track: unknown) => {
      this.sender.track = track;
    },
    parameters: { encodings: [{}] },
    getParameters: () => structuredClone(this.sender.parameters),
    setParameters: async (parameters: Parameters) => {
      this.sender.parameters = parameters;
    },
  };
  readonly receiver: { track: FakeTrack; getStats: () => Promise<Map<string, object>> };

  constructor(kind: Kind, direction: RTCRtpTransceiverDirection = 'sendrecv') {
    const track = new FakeTrack(kind);
    this.receiver = { track, getStats: async () => new Map([['in', { type: 'inbound-rtp', ...track.heard }]]) };
    this.direction = direction;
  }
}

export class FakeConnection extends EventTarget {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  readonly transceivers: FakeTransceiver[] = [];

  addTransceiver(kind: Kind, { direction }: { direction?: RTCRtpTransceiverDirection } = {}): FakeTransceiver {
    this.transceivers.push(new FakeTransceiver(kind, direction));
    return this.transceivers.at(-1)!;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    return { type: 'offer', sdp: 'v=0' };
  }

  async setLocalDescription(given?: RTCSessionDescriptionInit): Promise<void> {
    const isAnswer = this.signalingState === 'have-remote-offer';
    this.localDescription = given ?? { type: isAnswer ? 'answer' : 'offer', sdp: 'mine' };
    this.signalingState = isAnswer ? 'stable' : 'have-local-offer';
  }

  async setRemoteDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
  }

  close(): void {
    this.signalingState = 'closed';
  }

  /** Applies the directions that the other side agreed to, in the order of the transceivers. */
  negotiate(...agreed: RTCRtpTransceiverDirection[]): void {
    agreed.forEach((direction, index) => (this.transceivers[index]!.currentDirection = direction));
    this.dispatchEvent(new Event('signalingstatechange'));
  }
}

export function connectionOf(fake: FakeConnection): RTCPeerConnection {
  return fake as unknown as RTCPeerConnection;
}
