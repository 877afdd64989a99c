/**
 * Detects that no media arrive any more. Browsers report "disconnected" only after seconds without an answer to their
 * checks (Chromium: 5), while audio packets arrive fifty times a second.
 */
const LOOK_MS = 250;
/** The number of consecutive checks with new media after which a pause counts: a still screen sends rarely. */
const STEADY = 4;
/** The minimum time between two reports, so that a network with many short pauses is not restarted each time. */
const REST_MS = 5_000;

export class ArrivalWatch {
  private latest = 0;
  private steady = 0;
  private since = 0;
  private told = -REST_MS;
  private readonly timer = setInterval(() => this.look(), LOOK_MS);

  /** @param patienceMs how long a steady stream may pause before `onStall` */
  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly patienceMs: number,
    private readonly onStall: () => void,
  ) {}

  /** Restarts the measurement of the pause. */
  wait(): void {
    this.since = performance.now();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const newest = newestArrival(this.connection);
    if (newest === null) this.steady = 0;
    else if (newest > this.latest) {
      this.steady = this.latest ? this.steady + 1 : 0;
      this.latest = newest;
      this.wait();
    } else if (this.steady < STEADY) this.steady = 0;
    else if (performance.now() - this.since > this.patienceMs) this.stall();
  }

  private stall(): void {
    this.steady = 0;
    if (performance.now() - this.told < REST_MS) return;
    this.told = performance.now();
    this.onStall();
  }
}

/**
 * When the newest audio or video packet arrived, by the browser's clock (W3C webrtc-pc, 5.3); null if we receive none.
 */
function newestArrival(connection: RTCPeerConnection): number | null {
  const sources = connection
    .getTransceivers()
    .filter(({ currentDirection }) => currentDirection === 'sendrecv' || currentDirection === 'recvonly')
    .map(({ receiver }) => receiver.getSynchronizationSources?.() ?? []);
  return sources.length === 0 ? null : Math.max(0, ...sources.flat().map(({ timestamp }) => timestamp));
}
