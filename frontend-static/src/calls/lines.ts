/**
 * What a call carries, on one peer connection: microphone, camera, screen and the screen's sound, each a media line of
 * its own. A line that carries nothing has no track and says so by its direction (W3C webrtc-pc, 5.4
 * "RTCRtpTransceiver"), so that a camera that is off sends nothing and the other side knows it.
 */
export const LINES = ['microphone', 'camera', 'screen', 'screenSound'] as const;
export type Line = (typeof LINES)[number];
export type Tracks = Partial<Record<Line, MediaStreamTrack>>;

export type Kind = 'audio' | 'video';
export const KINDS: Record<Line, Kind> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  screenSound: 'audio',
};

export interface LinesOptions {
  /** The side that offers first makes all lines; the other finds them in that offer. */
  offers: boolean;
  /** What is sent now. */
  sent: () => Tracks;
  /** Whether pictures of the other side are wanted. */
  wantsPictures: () => boolean;
  /** What the other side sends, after each negotiation. */
  onReceived: (tracks: Tracks) => void;
}

export class Lines {
  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly options: LinesOptions,
  ) {
    connection.addEventListener('signalingstatechange', () => this.read());
    if (options.offers) for (const line of LINES) connection.addTransceiver(KINDS[line]);
    this.update();
  }

  /** Sends what is to be sent now. A change of directions is negotiated by the connection's own event. */
  update(): void {
    const sent = this.options.sent();
    for (const line of LINES) {
      const transceiver = this.transceiver(line) ?? (sent[line] && this.add(line));
      if (!transceiver) continue;
      const track = sent[line] ?? null;
      if (transceiver.sender.track !== track) void transceiver.sender.replaceTrack(track).catch(() => undefined);
      const direction = this.direction(line, Boolean(track));
      if (transceiver.direction !== direction) transceiver.direction = direction;
    }
  }

  sender(line: Line): RTCRtpSender | undefined {
    return this.transceiver(line)?.sender;
  }

  receiver(line: Line): RTCRtpReceiver | undefined {
    return this.transceiver(line)?.receiver;
  }

  private direction(line: Line, sends: boolean): RTCRtpTransceiverDirection {
    const receives = KINDS[line] === 'audio' || this.options.wantsPictures();
    if (sends) return receives ? 'sendrecv' : 'sendonly';
    return receives ? 'recvonly' : 'inactive';
  }

  /** By the order of its kind: both sides have the lines of one session description. */
  private transceiver(line: Line): RTCRtpTransceiver | undefined {
    const same = LINES.filter((one) => KINDS[one] === KINDS[line]);
    return this.ofKind(KINDS[line])[same.indexOf(line)];
  }

  private ofKind(kind: Kind): RTCRtpTransceiver[] {
    return this.connection.getTransceivers().filter(({ receiver }) => receiver.track.kind === kind);
  }

  /** The other side offered fewer lines: those before this one of its kind are made too, because their order counts. */
  private add(line: Line): RTCRtpTransceiver {
    while (!this.transceiver(line)) this.connection.addTransceiver(KINDS[line], { direction: 'recvonly' });
    return this.transceiver(line)!;
  }

  private read(): void {
    if (this.connection.signalingState !== 'stable') return;
    const received: Tracks = {};
    for (const line of LINES) {
      const transceiver = this.transceiver(line);
      if (transceiver && RECEIVING.has(transceiver.currentDirection)) received[line] = transceiver.receiver.track;
    }
    this.options.onReceived(received);
  }
}

const RECEIVING: ReadonlySet<RTCRtpTransceiverDirection | null> = new Set(['sendrecv', 'recvonly'] as const);
