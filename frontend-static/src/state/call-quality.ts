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
  const send = (found: CallQuality) => void api.reportCall(callId, found).catch(() => undefined);
  sampleQuality(connection, send, async (sample) => {
    const quality = sample && rateSample(sample);
    callQuality.value = quality;
    if (!quality) return;
    const next = nextPace(pace, quality);
    if (next.step !== pace.step) await keepPace(next);
    pace = next;
  });
}

/** For one connection of a group call. */
export function reportGroupQuality(connection: RTCPeerConnection, conversationId: string): void {
  sampleQuality(connection, (found) => void api.reportGroupCall(conversationId, found).catch(() => undefined));
}

/**
 * Samples every two seconds until the connection is closed, and reports once a minute and at the end.
 *
 * @param onSample receives null at the end
 */
function sampleQuality(
  connection: RTCPeerConnection,
  send: (found: CallQuality) => void,
  onSample: (sample: Sample | null) => Promise<void> = async () => undefined,
): void {
  const report = new QualityReport(send);
  const timer = setInterval(() => void look(), EVERY_MS);
  const look = async () => {
    if (connection.signalingState === 'closed') {
      clearInterval(timer);
      report.flush();
      await onSample(null);
    } else if (connection.connectionState === 'connected') {
      const sample = readSample(await connection.getStats());
      report.add(sample);
      await onSample(sample);
    }
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
