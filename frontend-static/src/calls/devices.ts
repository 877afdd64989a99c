/** Microphone, camera and screen of this device, and the reasons why they can't be used. */
import type { CallMedia } from '../api/types';
import { t } from '../i18n';

/** Denied by the person or the browser; absent; or in use by another program. */
export type DeviceProblem = 'refused' | 'missing' | 'taken';

/** The chosen devices. An id that no longer exists selects another device of the kind. */
export interface DeviceChoice {
  microphone: string;
  camera: string;
  speaker: string;
  noiseSuppression: boolean;
  echoCancellation: boolean;
  autoGainControl: boolean;
}

/** Tracks, which the caller must stop, and the problem of each device that is missing. */
export interface Opened {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  problems: { microphone?: DeviceProblem; camera?: DeviceProblem };
}

/** `DOMException` names of getUserMedia (W3C mediacapture-streams, 10.2). */
const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotReadableError: 'taken',
  AbortError: 'taken',
};

export function audioConstraints(choice: DeviceChoice): MediaTrackConstraints {
  const { noiseSuppression, echoCancellation, autoGainControl } = choice;
  return { ...chosen(choice.microphone), noiseSuppression, echoCancellation, autoGainControl };
}

export function videoConstraints(choice: DeviceChoice): MediaTrackConstraints {
  const size = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } };
  return { ...(choice.camera ? chosen(choice.camera) : { facingMode: 'user' }), ...size };
}

function chosen(deviceId: string): MediaTrackConstraints {
  return deviceId ? { deviceId: { ideal: deviceId } } : {};
}

async function ask(wanted: MediaStreamConstraints): Promise<MediaStream | DeviceProblem> {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    return PROBLEMS[error instanceof Error ? error.name : ''] ?? 'missing';
  }
}

export async function openMicrophone(choice: DeviceChoice): Promise<MediaStreamTrack | DeviceProblem> {
  const stream = await ask({ audio: audioConstraints(choice) });
  return typeof stream === 'string' ? stream : (stream.getAudioTracks()[0] ?? 'missing');
}

export async function openCamera(choice: DeviceChoice): Promise<MediaStreamTrack | DeviceProblem> {
  const stream = await ask({ video: videoConstraints(choice) });
  return typeof stream === 'string' ? stream : (stream.getVideoTracks()[0] ?? 'missing');
}

/** Requests all devices at once, so that the browser prompts once; after a refusal, requests each alone. */
export async function openDevices(media: CallMedia, choice: DeviceChoice): Promise<Opened> {
  if (media === 'video') {
    const both = await ask({ audio: audioConstraints(choice), video: videoConstraints(choice) });
    if (typeof both !== 'string') return opened(both.getAudioTracks()[0], both.getVideoTracks()[0]);
  }
  const microphone = await openMicrophone(choice);
  return opened(microphone, media === 'video' ? await openCamera(choice) : null);
}

function opened(
  microphone: MediaStreamTrack | DeviceProblem = 'missing',
  camera: MediaStreamTrack | DeviceProblem | null = 'missing',
): Opened {
  const found: Opened = { microphone: null, camera: null, problems: {} };
  if (typeof microphone === 'string') found.problems.microphone = microphone;
  else found.microphone = microphone;
  if (typeof camera === 'string') found.problems.camera = camera;
  else found.camera = camera;
  return found;
}

/** A screen, window or tab, with its audio where supported; null if the person cancelled. */
export async function openScreen(): Promise<MediaStream | null> {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: true });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotAllowedError') return null;
    throw error;
  }
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** Instructions for the person. */
export function deviceAdvice(problem: DeviceProblem, device: 'microphone' | 'camera'): string {
  return t(`call.device.${problem}.${device}`);
}

export function stopOpened({ microphone, camera }: Opened): void {
  microphone?.stop();
  camera?.stop();
}
