/** Batches ICE candidates: a browser finds several within some milliseconds, and each signal costs a frame. */
const WAIT_MS = 40;
/** The server's limit per signal. */
const MOST = 32;

export class CandidateBatch {
  private waiting: RTCIceCandidateInit[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param isHeld collect candidates until `release` */
  constructor(
    private readonly send: (candidates: RTCIceCandidateInit[]) => void,
    private isHeld = false,
  ) {}

  add(candidate: RTCIceCandidateInit): void {
    this.waiting.push(candidate);
    if (this.isHeld) return;
    if (this.waiting.length >= MOST) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Sends the collected candidates at once. */
  release(): void {
    this.isHeld = false;
    for (let left = this.waiting.length; left > 0; left -= MOST) this.flush();
  }

  /** Drops the collected candidates, because the session description contains them. */
  forget(): void {
    this.waiting = [];
  }

  close(): void {
    clearTimeout(this.timer);
    this.waiting = [];
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const candidates = this.waiting.splice(0, MOST);
    if (candidates.length > 0) this.send(candidates);
  }
}
