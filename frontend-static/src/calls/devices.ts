/** Microphone and camera of this device, and what is in the way when they can't be used. */
import type { CallMedia } from '../api/types';
import { t } from '../i18n';

/** Refused by the person or the browser; not there; or in the hands of another program. */
export type DeviceProblem = 'refused' | 'missing' | 'taken';

/** Names of `DOMException`s of getUserMedia (W3C mediacapture-streams, 10.2). */
const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotReadableError: 'taken',
  AbortError: 'taken',
};

/** Asks for what the call needs; the answer is a stream that the caller must stop, or what is in the way. */
export async function openDevices(media: CallMedia): Promise<MediaStream | DeviceProblem> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, video: media === 'video' });
  } catch (error) {
    return PROBLEMS[error instanceof Error ? error.name : ''] ?? 'missing';
  }
}

/** What the person can do about it. */
export function deviceAdvice(problem: DeviceProblem, media: CallMedia): string {
  return t(`call.device.${problem}.${media}`);
}

export function stopStream(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}
