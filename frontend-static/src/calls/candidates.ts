/** ICE candidates, sent several at a time: a browser finds a handful within some milliseconds, and each costs a frame. */
const WAIT_MS = 40;
/** As many as the server takes in one signal. */
const MOST = 32;

export class CandidateBatch {
  private waiting: RTCIceCandidateInit[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param isHeld they are collected until `release` */
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

  /** What was found so far goes at once. */
  release(): void {
    this.isHeld = false;
    for (let left = this.waiting.length; left > 0; left -= MOST) this.flush();
  }

  /** What was found so far goes by another way. */
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
