/**
 * The media of a call on one peer connection: microphone, camera, screen and the screen's audio, each with its own
 * media line. A line without media has no track and the matching direction (W3C webrtc-pc, 5.4 "RTCRtpTransceiver"): a
 * camera that is off sends nothing, and the other side knows it.
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
  /** The offering side creates all lines; the other side takes them from that offer. */
  offers: boolean;
  /** The tracks that are sent at present. */
  sent: () => Tracks;
  /** Whether this side wants to receive video. */
  wantsPictures: () => boolean;
  /** The other side's active lines, after each negotiation. */
  onReceived: (tracks: Tracks) => void;
}

export class Lines {
  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly options: LinesOptions,
  ) {
    connection.addEventListener('signalingstatechange', () => this.read());
    if (options.offers) for (const line of LINES) connection.addTransceiver(KINDS[line]);
    void this.update();
  }

  /**
   * Applies the current tracks. The connection's own event negotiates a change of directions. Resolves once the senders
   * have the tracks.
   */
  async update(): Promise<void> {
    const sent = this.options.sent();
    const replaced: Promise<void>[] = [];
    for (const line of LINES) {
      const transceiver = this.transceiver(line) ?? (sent[line] && this.add(line));
      if (!transceiver) continue;
      const track = sent[line] ?? null;
      if (transceiver.sender.track !== track)
        replaced.push(transceiver.sender.replaceTrack(track).catch(() => undefined));
      const direction = this.direction(line, Boolean(track));
      if (transceiver.direction !== direction) transceiver.direction = direction;
    }
    await Promise.all(replaced);
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

  /** Identified by order within its kind: both sides have the lines of one session description. */
  private transceiver(line: Line): RTCRtpTransceiver | undefined {
    const same = LINES.filter((one) => KINDS[one] === KINDS[line]);
    return this.ofKind(KINDS[line])[same.indexOf(line)];
  }

  private ofKind(kind: Kind): RTCRtpTransceiver[] {
    return this.connection.getTransceivers().filter(({ receiver }) => receiver.track.kind === kind);
  }

  /**
   * If the other side offered fewer lines, the preceding ones of its kind are created too, because order identifies
   * them.
   */
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
