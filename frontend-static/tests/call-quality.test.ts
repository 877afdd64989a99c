import { describe, expect, it } from 'vitest';
import type { CallQuality } from '../src/api/types';
import { FULL, nextPace, PICTURES, type Quality, QualityReport, rateSample, readSample } from '../src/calls/quality';

const stepOf = (...qualities: Quality[]) => qualities.reduce(nextPace, FULL).step;
const times = (count: number, quality: Quality): Quality[] => Array.from({ length: count }, () => quality);

describe('the quality of a call', () => {
  it.each([
    [{ roundTrip: null, lost: null }, 'good'],
    [{ roundTrip: 0.05, lost: 0.01 }, 'good'],
    [{ roundTrip: 0.4, lost: 0 }, 'fair'],
    [{ roundTrip: 0.05, lost: 0.05 }, 'fair'],
    [{ roundTrip: 0.9, lost: 0 }, 'poor'],
    [{ roundTrip: 0.05, lost: 0.2 }, 'poor'],
  ] as const)('is rated for %o as %s', (sample, quality) => expect(rateSample(sample)).toBe(quality));

  const rowsOf = (...rows: object[]) =>
    rows.map((row, index) => [String(index), { id: String(index), timestamp: 0, ...row }] as never);

  it.each([
    ['host', 'relay', 'relay'],
    ['relay', 'host', 'relay'],
    ['srflx', 'host', 'direct'],
  ])('includes the media path: %s to %s is %s', (local, remote, path) => {
    const pair = {
      type: 'candidate-pair',
      nominated: true,
      state: 'succeeded',
      localCandidateId: '1',
      remoteCandidateId: '2',
    };
    const [near, far] = [
      { type: 'local-candidate', candidateType: local },
      { type: 'remote-candidate', candidateType: remote },
    ];
    expect(readSample(rowsOf(pair, near, far)).path).toBe(path);
  });

  it('is reported once a minute, at the end, and when the path changes', () => {
    const sent: CallQuality[] = [];
    const report = new QualityReport((found) => sent.push(found));
    const direct = { roundTrip: 0.0204, lost: null, path: 'direct' as const };
    for (let sample = 0; sample < 29; sample++) report.add(direct);
    expect(sent).toHaveLength(0);
    report.add({ ...direct, lost: 0.05 });
    expect(sent[0]).toEqual({ path: 'direct', roundTrips: Array(30).fill(20.4), losses: [5] });
    report.add(direct);
    report.add({ ...direct, path: 'relay' });
    expect(sent[1]).toEqual({ path: 'direct', roundTrips: [20.4], losses: [] });
    report.flush();
    report.flush();
    report.add({ roundTrip: null, lost: null, path: 'direct' });
    report.flush();
    expect(sent.slice(2)).toEqual([{ path: 'relay', roundTrips: [20.4], losses: [] }]);
  });

  it('is read from the nominated candidate pair and the highest reported loss', () => {
    const rows = rowsOf(
      { type: 'candidate-pair', nominated: false, state: 'succeeded', currentRoundTripTime: 9 },
      { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.2 },
      { type: 'remote-inbound-rtp', fractionLost: 0.02 },
      { type: 'remote-inbound-rtp', fractionLost: 0.12 },
      { type: 'inbound-rtp' },
    );
    expect(readSample(rows)).toEqual({ roundTrip: 0.2, lost: 0.12, path: 'direct' });
  });

  it('lowers the video step by step, down to none, for every two poor samples in a row', () => {
    expect(stepOf('poor')).toBe(0);
    expect(stepOf('poor', 'fair', 'poor')).toBe(0);
    expect(stepOf(...times(2, 'poor'))).toBe(1);
    expect(stepOf(...times(20, 'poor'))).toBe(PICTURES.length);
  });

  it('raises the video step by step while it stays good', () => {
    expect(stepOf(...times(20, 'poor'), ...times(5, 'good'), 'fair', ...times(5, 'good'))).toBe(PICTURES.length);
    expect(stepOf(...times(20, 'poor'), ...times(6, 'good'))).toBe(PICTURES.length - 1);
    expect(stepOf(...times(20, 'poor'), ...times(60, 'good'))).toBe(0);
  });
});
