/** Quality control of the running call: on a slow network, video is reduced, then paused. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { CallQuality } from '../api/types';
import {
  FULL,
  nextPace,
  type Pace,
  PICTURES,
  type Quality,
  QualityReport,
  rateSample,
  readSample,
  type Sample,
} from '../calls/quality';
import { changeMedia, mediaLines, ownMedia } from './call-media';

const EVERY_MS = 2000;

/** Null until there is a measurement. */
export const callQuality = signal<Quality | null>(null);

/** Shows the quality of the call and limits the video accordingly. */
export function watchQuality(connection: RTCPeerConnection, callId: string): void {
  let pace = FULL;
  const report = new QualityReport((found) => void api.reportCall(callId, found).catch(() => undefined));
  sampleQuality(connection, async (sample) => {
    if (sample) report.add(sample);
    else report.flush();
    const quality = sample && rateSample(sample);
    callQuality.value = quality;
    if (!quality) return;
    const next = nextPace(pace, quality);
    if (next.step !== pace.step) await keepPace(next);
    pace = next;
  });
}

/**
 * The reports of a page's group call, by conversation. All connections share one: they close at the same moment, and as
 * many requests would occupy the call function when the next person joins.
 */
const groupReports = new Map<string, { report: QualityReport; open: Set<RTCPeerConnection> }>();

/** For each connection of a group call. The last one that closes sends what has not been reported. */
export function reportGroupQuality(connection: RTCPeerConnection, conversationId: string): void {
  const send = (found: CallQuality) => void api.reportGroupCall(conversationId, found).catch(() => undefined);
  const shared = groupReports.get(conversationId) ?? { report: new QualityReport(send), open: new Set() };
  const { report, open } = shared;
  groupReports.set(conversationId, shared);
  open.add(connection);
  sampleQuality(connection, async (sample) => {
    if (sample) return report.add(sample);
    open.delete(connection);
    if (open.size > 0) return;
    groupReports.delete(conversationId);
    report.flush();
  });
}

/**
 * Samples every two seconds until the connection is closed.
 *
 * @param onSample receives null at the end
 */
function sampleQuality(connection: RTCPeerConnection, onSample: (sample: Sample | null) => Promise<void>): void {
  const timer = setInterval(() => void look(), EVERY_MS);
  const look = async () => {
    if (connection.signalingState === 'closed') {
      clearInterval(timer);
      await onSample(null);
    } else if (connection.connectionState === 'connected') await onSample(readSample(await connection.getStats()));
  };
}

async function keepPace({ step }: Pace): Promise<void> {
  const rests = step >= PICTURES.length && Boolean(ownMedia.peek().tracks.camera);
  if (rests !== ownMedia.peek().rests) changeMedia({ rests });
  const picture = PICTURES[step];
  const sender = mediaLines()?.sender('camera');
  if (!picture || !sender?.track) return;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) Object.assign(encoding, picture);
  // A sender that was just stopped refuses parameters: the next one starts with full quality.
  await sender.setParameters(parameters).catch(() => undefined);
}
