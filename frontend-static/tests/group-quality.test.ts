import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { reportGroupQuality } from '../src/state/call-quality';

/** A connection to another page, with the statistics of one sample. */
function connected(): RTCPeerConnection {
  const pair = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.02 };
  const getStats = async () => new Map([['0', pair]]);
  return { signalingState: 'stable', connectionState: 'connected', getStats } as unknown as RTCPeerConnection;
}
const close = (connection: RTCPeerConnection) => Object.assign(connection, { signalingState: 'closed' });

const report = vi.spyOn(api, 'reportGroupCall');

beforeEach(() => {
  vi.useFakeTimers();
  report.mockReset().mockResolvedValue(undefined as never);
});
afterEach(() => vi.useRealTimers());

it('sends one report for all connections of a group call when the last one has closed', async () => {
  const connections = Array.from({ length: 5 }, connected);
  for (const one of connections) reportGroupQuality(one, 'g');
  await vi.advanceTimersByTimeAsync(4000);
  close(connections[0]!);
  await vi.advanceTimersByTimeAsync(2000);
  expect(report).not.toHaveBeenCalled();
  for (const one of connections) close(one);
  await vi.advanceTimersByTimeAsync(2000);
  expect(report.mock.calls).toEqual([['g', { path: 'direct', roundTrips: Array(14).fill(20), losses: [] }]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(report).toHaveBeenCalledOnce();
});

it('reports the calls of two groups separately', async () => {
  const [here, there] = [connected(), connected()];
  reportGroupQuality(here, 'g');
  reportGroupQuality(there, 'h');
  await vi.advanceTimersByTimeAsync(2000);
  close(here);
  await vi.advanceTimersByTimeAsync(2000);
  expect(report.mock.calls.map(([group]) => group)).toEqual(['g']);
  close(there);
  await vi.advanceTimersByTimeAsync(2000);
  expect(report.mock.calls.map(([group]) => group)).toEqual(['g', 'h']);
});
