import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Peer, type Signal } from '../src/calls/peer';

/** A connection with fixed descriptions; it records its calls. */
class Scripted {
  static latest: Scripted;
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly remote: string[] = [];
  readonly added: unknown[] = [];
  restarts = 0;
  servers: RTCIceServer[] = [];

  constructor() {
    Scripted.latest = this;
  }

  getConfiguration = (): RTCConfiguration => ({});
  setConfiguration({ iceServers }: RTCConfiguration): void {
    this.servers = iceServers ?? [];
  }

  addEventListener(_: string, heard: () => void): void {
    heard();
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    return { type: 'offer', sdp: 'without addresses' };
  }

  async setLocalDescription(): Promise<void> {
    const isAnswer = this.signalingState === 'have-remote-offer';
    this.localDescription = { type: isAnswer ? 'answer' : 'offer', sdp: 'mine' };
    this.signalingState = isAnswer ? 'stable' : 'have-local-offer';
  }

  async setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
    this.remote.push(`${type} ${sdp}`);
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.added.push(candidate);
  }

  getTransceivers(): unknown[] {
    return [];
  }

  restartIce(): void {
    this.restarts += 1;
  }

  close(): void {
    this.signalingState = 'closed';
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

const OFFER = { description: { type: 'offer' as const, sdp: 'theirs' } };
const ANSWER = { description: { type: 'answer' as const, sdp: 'theirs' } };
let sent: Signal[];

function peerOf(polite: boolean, held = false): Peer {
  sent = [];
  return new Peer({
    polite,
    held,
    iceServers: [],
    attach: () => undefined,
    send: (one) => sent.push(one),
    onState: () => undefined,
  });
}

async function offering(): Promise<Peer> {
  const peer = peerOf(false);
  Scripted.latest.onnegotiationneeded!();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  return peer;
}

beforeEach(() => {
  vi.stubGlobal('RTCPeerConnection', Scripted);
});

describe('a negotiation after the signalling connection broke', () => {
  it('repeats an unanswered offer', async () => {
    const peer = await offering();
    await peer.repeat();
    expect(sent).toEqual([sent[0], { description: { type: 'offer', sdp: 'mine', serial: 1 } }]);
    await peer.receive(ANSWER);
    await peer.receive(ANSWER);
    expect(Scripted.latest.remote).toEqual(['answer theirs']);
  });

  it('ignores an answer to an earlier offer', async () => {
    const peer = await offering();
    await peer.repeat();
    const answers = [1, 1, 2].map((serial) => ({
      description: { ...ANSWER.description, sdp: `to ${serial}`, serial },
    }));
    await peer.receive(answers[0]!);
    Scripted.latest.onnegotiationneeded!();
    await vi.waitFor(() => expect(sent.at(-1)!.description!.serial).toBe(2));
    await peer.receive(answers[1]!);
    await peer.receive(answers[2]!);
    expect(Scripted.latest.remote).toEqual(['answer to 1', 'answer to 2']);
  });

  it('names the offer in its answer', async () => {
    const peer = peerOf(true);
    await peer.receive({ description: { ...OFFER.description, serial: 3 } });
    expect(sent).toEqual([{ description: { type: 'answer', sdp: 'mine', serial: 3 } }]);
  });

  it('repeats its answer until the connection is established', async () => {
    const peer = peerOf(true);
    await peer.receive(OFFER);
    await peer.repeat();
    expect(sent.map(({ description }) => description!.type)).toEqual(['answer', 'answer']);
    Scripted.latest.become('connected');
    await peer.repeat();
    expect(sent).toHaveLength(2);
  });

  it('restarts ICE when the connection has failed', async () => {
    const peer = peerOf(true);
    await peer.receive(OFFER);
    Scripted.latest.connectionState = 'failed';
    await peer.repeat();
    expect(Scripted.latest.restarts).toBe(1);
  });
});

describe('two simultaneous offers', () => {
  it.each([
    [true, ['offer theirs']],
    [false, []],
  ])('are resolved in favour of the impolite side (polite: %s)', async (polite, taken) => {
    const peer = peerOf(polite);
    Scripted.latest.onnegotiationneeded!();
    await peer.receive(OFFER);
    expect(Scripted.latest.remote).toEqual(taken);
  });
});

describe('candidates', () => {
  it('are sent in batches and added one by one', async () => {
    vi.useFakeTimers();
    peerOf(false);
    for (const one of ['a', 'b'])
      Scripted.latest.onicecandidate!({ candidate: { toJSON: () => ({ candidate: one }) } });
    vi.advanceTimersByTime(100);
    vi.useRealTimers();
    expect(sent).toEqual([{ candidates: [{ candidate: 'a' }, { candidate: 'b' }] }]);
    const other = peerOf(true);
    await other.receive({ ...OFFER, candidates: [{ candidate: 'a' }, { candidate: 'b' }] });
    expect(Scripted.latest.added).toHaveLength(2);
  });
});

describe('an interrupted connection', () => {
  it('gets time to recover and then an ICE restart', () => {
    vi.useFakeTimers();
    peerOf(false);
    for (const [seconds, restarts] of [
      [1, 0],
      [2, 1],
    ] as const) {
      Scripted.latest.become('connected');
      Scripted.latest.become('disconnected');
      vi.advanceTimersByTime(seconds * 1000);
      expect(Scripted.latest.restarts).toBe(restarts);
    }
    vi.useRealTimers();
  });
});

describe('a connection prepared while the call rings', () => {
  const SERVERS = [{ urls: ['turn:t'] }];
  const found = (candidate: string) =>
    Scripted.latest.onicecandidate!({ candidate: { toJSON: () => ({ candidate }) } });

  it('makes an offer without candidates before the servers are known, and sends no signals', async () => {
    let know = (_: RTCIceServer[]): void => undefined;
    const peer = peerOf(false, true);
    expect(await peer.invite(new Promise((resolve) => (know = resolve)))).toEqual({
      type: 'offer',
      sdp: 'without addresses',
    });
    expect(Scripted.latest.localDescription).toBeNull();
    know(SERVERS);
    await vi.waitFor(() => expect(Scripted.latest.localDescription?.type).toBe('offer'));
    expect(Scripted.latest.servers).toEqual(SERVERS);
    found('mine');
    await peer.repeat();
    expect(sent).toEqual([]);
  });

  it('sends all its candidates after the answer', async () => {
    const peer = peerOf(false, true);
    await peer.invite(Promise.resolve([]));
    found('first');
    found('second');
    await peer.receive(ANSWER);
    peer.release();
    await peer.receive({});
    expect(Scripted.latest.remote).toEqual(['answer theirs']);
    expect(sent).toEqual([{ candidates: [{ candidate: 'first' }, { candidate: 'second' }] }]);
  });

  it('sends another offer when the call was accepted without an answer', async () => {
    const peer = peerOf(false, true);
    await peer.invite(Promise.resolve([]));
    peer.release();
    await peer.receive({});
    expect(sent).toEqual([{ description: { type: 'offer', sdp: 'mine', serial: 0 } }]);
  });

  it('answers on request, not when the offer arrives', async () => {
    const peer = peerOf(true, true);
    expect(await peer.answer(Promise.resolve([]))).toBeNull();
    await peer.receive(OFFER);
    expect(Scripted.latest.localDescription).toBeNull();
    expect(await peer.answer(Promise.resolve(SERVERS))).toEqual({ type: 'answer', sdp: 'mine' });
    peer.release();
    await peer.receive({});
    expect(sent).toEqual([]);
  });
});
