/** The quality of a call from its connection's statistics, and the video settings that this permits. */
import type { CallQuality } from '../api/types';

export type Quality = 'good' | 'fair' | 'poor';

export interface Sample {
  /** Round-trip time in seconds; null until it is known. */
  roundTrip: number | null;
  /** Share of sent packets that were lost, 0 to 1; null until the other side has reported. */
  lost: number | null;
  /** Whether media go through a TURN server, on either side. */
  path: CallQuality['path'];
}

/** Samples per report: one minute. */
const REPORTED = 30;

/** Video encoding: bits per second, scale divisor, frames per second. */
export interface Picture {
  maxBitrate: number;
  scaleResolutionDownBy: number;
  maxFramerate: number;
}

/** From full quality down; after the last step video pauses, and audio has the bandwidth to itself. */
export const PICTURES: readonly Picture[] = [
  { maxBitrate: 1_500_000, scaleResolutionDownBy: 1, maxFramerate: 30 },
  { maxBitrate: 500_000, scaleResolutionDownBy: 1.5, maxFramerate: 24 },
  { maxBitrate: 180_000, scaleResolutionDownBy: 3, maxFramerate: 12 },
];

/** The current step (`PICTURES.length`: no video), and the number of consecutive bad or good samples. */
export interface Pace {
  step: number;
  bad: number;
  good: number;
}

export const FULL: Pace = { step: 0, bad: 0, good: 0 };
const BAD_BEFORE_DOWN = 2;
/** Recovers slowly, because each premature step up is audible. */
const GOOD_BEFORE_UP = 6;

/**
 * A one-way delay above 150 ms is noticeable, above 400 ms a conversation is hard (ITU-T G.114); here as round trips.
 */
export function rateSample({ roundTrip, lost }: Pick<Sample, 'roundTrip' | 'lost'>): Quality {
  if ((lost ?? 0) > 0.1 || (roundTrip ?? 0) > 0.8) return 'poor';
  return (lost ?? 0) > 0.03 || (roundTrip ?? 0) > 0.3 ? 'fair' : 'good';
}

export function nextPace(pace: Pace, quality: Quality): Pace {
  const bad = quality === 'poor' ? pace.bad + 1 : 0;
  const good = quality === 'good' ? pace.good + 1 : 0;
  if (bad >= BAD_BEFORE_DOWN && pace.step < PICTURES.length) return { step: pace.step + 1, bad: 0, good: 0 };
  if (good >= GOOD_BEFORE_UP && pace.step > 0) return { step: pace.step - 1, bad: 0, good: 0 };
  return { step: pace.step, bad, good };
}

type Row = RTCStats & {
  candidateType?: RTCIceCandidateType;
  currentRoundTripTime?: number;
  fractionLost?: number;
  localCandidateId?: string;
  nominated?: boolean;
  remoteCandidateId?: string;
  state?: string;
};

/** Reads `RTCPeerConnection.getStats` (W3C webrtc-stats). */
export function readSample(report: Iterable<[string, Row]>): Sample {
  const sample: Sample = { roundTrip: null, lost: null, path: 'direct' };
  const rows = new Map(report);
  const isRelay = (id?: string) => rows.get(id ?? '')?.candidateType === 'relay';
  for (const row of rows.values()) {
    if (row.type === 'candidate-pair' && row.nominated && row.state === 'succeeded') {
      sample.roundTrip = row.currentRoundTripTime ?? sample.roundTrip;
      sample.path = isRelay(row.localCandidateId) || isRelay(row.remoteCandidateId) ? 'relay' : 'direct';
    }
    if (row.type === 'remote-inbound-rtp' && row.fractionLost !== undefined)
      sample.lost = Math.max(sample.lost ?? 0, row.fractionLost);
  }
  return sample;
}

/** The report from which the server makes metrics: the samples of up to a minute, all with the same path. */
export class QualityReport {
  private samples: Sample[] = [];

  constructor(private readonly send: (report: CallQuality) => void) {}

  add(sample: Sample): void {
    if (this.samples[0] && this.samples[0].path !== sample.path) this.flush();
    this.samples.push(sample);
    if (this.samples.length >= REPORTED) this.flush();
  }

  flush(): void {
    const [{ path } = { path: 'direct' as const }] = this.samples;
    const roundTrips = this.known('roundTrip', 1000);
    const losses = this.known('lost', 100);
    this.samples = [];
    if (roundTrips.length > 0 || losses.length > 0) this.send({ path, roundTrips, losses });
  }

  private known(name: 'roundTrip' | 'lost', scale: number): number[] {
    return this.samples.flatMap(({ [name]: value }) => (value === null ? [] : [Math.round(value * scale * 10) / 10]));
  }
}
