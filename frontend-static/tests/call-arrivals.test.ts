import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArrivalWatch } from '../src/calls/arrivals';

const PATIENCE_MS = 1200;
let [timestamp, direction] = [0, 'sendrecv'];
const receiver = { getSynchronizationSources: () => (timestamp ? [{ timestamp }] : []) };
const connection = {
  getTransceivers: () => [{ currentDirection: direction, receiver }],
} as unknown as RTCPeerConnection;
const onStall = vi.fn();
let watch: ArrivalWatch;

beforeEach(() => {
  vi.useFakeTimers();
  [timestamp, direction] = [0, 'sendrecv'];
  onStall.mockReset();
  watch = new ArrivalWatch(connection, PATIENCE_MS, onStall);
});
afterEach(() => {
  watch.end();
  vi.useRealTimers();
});

/** A packet arrives every 20 ms. */
function flow(ms: number): void {
  for (let passed = 0; passed < ms; passed += 20) {
    timestamp += 20;
    vi.advanceTimersByTime(20);
  }
}

describe('the watch on incoming media', () => {
  it('reports one stall when packets stop for longer than the limit', () => {
    flow(3000);
    vi.advanceTimersByTime(1000);
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(800);
    expect(onStall).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(60_000);
    expect(onStall).toHaveBeenCalledTimes(1);
  });

  it('reports no second stall shortly after the first', () => {
    for (const stalls of [1, 1]) {
      flow(1500);
      vi.advanceTimersByTime(2000);
      expect(onStall).toHaveBeenCalledTimes(stalls);
    }
    flow(10_000);
    vi.advanceTimersByTime(2000);
    expect(onStall).toHaveBeenCalledTimes(2);
  });

  it('measures the pause from the last negotiation', () => {
    flow(3000);
    vi.advanceTimersByTime(1000);
    watch.wait();
    vi.advanceTimersByTime(1000);
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(onStall).toHaveBeenCalledTimes(1);
  });

  it('reports no stall before the first packet or after the other side stops sending', () => {
    vi.advanceTimersByTime(10_000);
    flow(3000);
    direction = 'sendonly';
    vi.advanceTimersByTime(10_000);
    expect(onStall).not.toHaveBeenCalled();
  });

  it('reports no stall for a stream with long regular gaps', () => {
    for (let picture = 1; picture < 20; picture++) {
      timestamp += 1;
      vi.advanceTimersByTime(1500);
    }
    expect(onStall).not.toHaveBeenCalled();
  });

  it('reports no stall after it has ended', () => {
    flow(3000);
    watch.end();
    vi.advanceTimersByTime(5000);
    expect(onStall).not.toHaveBeenCalled();
  });
});
