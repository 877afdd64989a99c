import { FakeConnection } from './fake-connection';

/** A connection to the media server, open once both descriptions are set. */
export class Line extends FakeConnection {
  static readonly all: Line[] = [];
  iceGatheringState = 'complete';

  constructor() {
    super();
    Line.all.push(this);
  }

  override async setLocalDescription(): Promise<void> {
    const isAnswer = this.signalingState === 'have-remote-offer';
    this.localDescription = { type: isAnswer ? 'answer' : 'offer', sdp: 'v=0' };
    if (isAnswer) this.stand();
  }

  override async setRemoteDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    if (type === 'offer') for (const kind of ['audio', 'video', 'video', 'audio'] as const) this.addTransceiver(kind);
    else this.stand();
  }

  getReceivers = () => this.transceivers.map(({ receiver }) => receiver);
  getSenders = () => this.transceivers.map(({ sender }) => sender);

  private stand(): void {
    this.connectionState = 'connected';
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

/** The media server: accepted tokens, and open sessions. */
export class FakeSfu {
  readonly open = new Map<string, string>();
  /** Pages that have renewed their tokens. */
  readonly renewals: string[] = [];
  /** Tokens that have expired, and how often each of them was offered since. */
  readonly expired = new Map<string, number>();
  private readonly waiting: (() => void)[] = [];
  private count = 0;

  readonly fetch = async (url: string, { method, headers, signal }: RequestInit): Promise<Response> => {
    const path = url.replace('http://sfu', '');
    const token = (headers as Record<string, string>).authorization!.replace('Bearer ', '');
    const page = token.split('/')[0]!;
    const [, kind, , feed] = path.split('/');
    if (method === 'DELETE') this.open.delete(path);
    if (path === '/leases') this.renewals.push(page);
    if (kind !== 'whip' && kind !== 'whep') return new Response(null, { status: 204 });
    if (this.expired.has(token)) {
      this.expired.set(token, this.expired.get(token)! + 1);
      return new Response(null, { status: 401 });
    }
    if (kind === 'whip' && feed !== page) return new Response(null, { status: 401 });
    // A viewer waits for a publisher who is about to join
    while (kind === 'whep' && ![...this.open.values()].includes(`whip ${feed}`)) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    signal?.throwIfAborted();
    const location = `/sessions/${++this.count}`;
    this.open.set(location, kind === 'whip' ? `whip ${feed}` : `${page} watches ${feed}`);
    for (const one of this.waiting.splice(0)) one();
    return new Response('v=0', { status: 201, headers: { location } });
  };

  get list(): string[] {
    return [...this.open.values()].sort();
  }
}
