/**
 * The devices that are open for a live stream. Calls have their own (`call-media.ts`), so audio of a call never gets
 * into a stream.
 */
import { signal } from '@preact/signals';
import { type DeviceProblem, openCamera, openDevices, openMicrophone, openScreen, stopOpened } from '../calls/devices';
import type { Tracks } from '../calls/lines';
import { Mixer } from '../live/mixer';
import type { Sent } from '../live/publication';
import { deviceChoice, readDevices } from './call-devices';

export interface BroadcastMedia {
  tracks: Tracks;
  muted: boolean;
  problems: { microphone?: DeviceProblem; camera?: DeviceProblem };
}

const NONE: BroadcastMedia = { tracks: {}, muted: false, problems: {} };

export const broadcastMedia = signal<BroadcastMedia>(NONE);

let mixer = new Mixer();
/** Devices that open after a close are closed at once. */
let generation = 0;

/** Opens microphone and camera for the preview. */
export async function openBroadcastMedia(): Promise<void> {
  const mine = ++generation;
  const own = await openDevices('video', deviceChoice.peek());
  if (mine !== generation) return stopOpened(own);
  for (const line of ['microphone', 'camera'] as const) put(line, own[line]);
  broadcastMedia.value = { ...broadcastMedia.peek(), problems: own.problems };
  void readDevices();
}

export function closeBroadcastMedia(): void {
  generation += 1;
  for (const track of Object.values(broadcastMedia.peek().tracks)) stop(track);
  broadcastMedia.value = NONE;
  mixer.close();
  mixer = new Mixer();
}

/** One audio and one video track: a shared screen replaces the camera. */
export function tracksOfBroadcast({ tracks }: BroadcastMedia): Sent {
  const sounds = [tracks.microphone, tracks.screenSound].filter((one) => one !== undefined);
  return { sound: mixer.mix(sounds), picture: pictureOfBroadcast({ tracks }) };
}

export function hasBroadcastMedia({ tracks }: BroadcastMedia): boolean {
  return Object.values(tracks).some(Boolean);
}

export function pictureOfBroadcast({ tracks }: Pick<BroadcastMedia, 'tracks'>): MediaStreamTrack | null {
  return tracks.screen ?? tracks.camera ?? null;
}

export async function toggleBroadcastMicrophone(): Promise<void> {
  const { tracks, muted } = broadcastMedia.peek();
  if (!tracks.microphone) return openBroadcastDevice('microphone');
  tracks.microphone.enabled = muted;
  broadcastMedia.value = { ...broadcastMedia.peek(), muted: !muted };
}

export async function toggleBroadcastCamera(): Promise<void> {
  if (broadcastMedia.peek().tracks.camera) return put('camera', null);
  return openBroadcastDevice('camera');
}

/** Also replaces the open device after another was chosen. */
export async function openBroadcastDevice(device: 'microphone' | 'camera'): Promise<void> {
  const mine = generation;
  put(device, null); // Many devices can be opened only once, so the old one is closed first.
  const open = device === 'camera' ? openCamera : openMicrophone;
  const track = await open(deviceChoice.peek());
  const found = typeof track === 'string' ? null : track;
  if (mine !== generation) return stop(found);
  if (found && device === 'microphone') found.enabled = !broadcastMedia.peek().muted;
  put(device, found);
  const problem = typeof track === 'string' ? track : undefined;
  broadcastMedia.value = {
    ...broadcastMedia.peek(),
    problems: { ...broadcastMedia.peek().problems, [device]: problem },
  };
  void readDevices();
}

/** Ends by the person, by the browser's own bar, or with the shared window. */
export async function toggleBroadcastScreen(): Promise<void> {
  if (broadcastMedia.peek().tracks.screen) return stopBroadcastScreen();
  const mine = generation;
  const stream = await openScreen();
  if (!stream) return;
  if (mine !== generation) return stream.getTracks().forEach(stop);
  put('screen', stream.getVideoTracks()[0] ?? null);
  put('screenSound', stream.getAudioTracks()[0] ?? null);
}

function stopBroadcastScreen(): void {
  put('screen', null);
  put('screenSound', null);
}

function put(line: keyof Tracks, track: MediaStreamTrack | null): void {
  const { [line]: before, ...others } = broadcastMedia.peek().tracks;
  if (before !== track) stop(before);
  if (track) track.onended = () => lose(line);
  broadcastMedia.value = { ...broadcastMedia.peek(), tracks: track ? { ...others, [line]: track } : others };
}

/** A device was unplugged, or the shared window was closed. */
function lose(line: keyof Tracks): void {
  put(line, null);
  if (line === 'screen') put('screenSound', null);
  if (line === 'microphone' || line === 'camera')
    broadcastMedia.value = {
      ...broadcastMedia.peek(),
      problems: { ...broadcastMedia.peek().problems, [line]: 'missing' },
    };
}

function stop(track: MediaStreamTrack | null | undefined): void {
  if (!track) return;
  track.onended = null;
  track.stop();
}
