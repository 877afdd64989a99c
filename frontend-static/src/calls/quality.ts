/** How well a call goes, from the statistics of its connection, and how much picture that allows. */
import type { CallQuality } from '../api/types';

export type Quality = 'good' | 'fair' | 'poor';

export interface Sample {
  /** Seconds there and back; null until it is known. */
  roundTrip: number | null;
  /** Share of what this side sent that did not arrive, 0 to 1; null until the other side has reported. */
  lost: number | null;
  /** Whether media go through a TURN server, at either end. */
  path: CallQuality['path'];
}

/** Samples of one report: a minute of them. */
const REPORTED = 30;

/** How the camera is sent: bits per second, division of its size, frames per second. */
export interface Picture {
  maxBitrate: number;
  scaleResolutionDownBy: number;
  maxFramerate: number;
}

/** From the full picture down; below the last there is none, and the voice has the line to itself. */
export const PICTURES: readonly Picture[] = [
  { maxBitrate: 1_500_000, scaleResolutionDownBy: 1, maxFramerate: 30 },
  { maxBitrate: 500_000, scaleResolutionDownBy: 1.5, maxFramerate: 24 },
  { maxBitrate: 180_000, scaleResolutionDownBy: 3, maxFramerate: 12 },
];

/** Which picture is sent (`PICTURES.length`: none), and for how many samples it has gone badly or well. */
export interface Pace {
  step: number;
  bad: number;
  good: number;
}

export const FULL: Pace = { step: 0, bad: 0, good: 0 };
const BAD_BEFORE_DOWN = 2;
/** Slowly up: each step up that was too early is heard. */
const GOOD_BEFORE_UP = 6;

/** One-way delay above 150 ms is noticed, above 400 ms a conversation is hard (ITU-T G.114): here there and back. */
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

/** From `RTCPeerConnection.getStats` (W3C webrtc-stats). */
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

/** What the server makes metrics of: the samples of a minute, or of what there was of it. All of one path. */
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
