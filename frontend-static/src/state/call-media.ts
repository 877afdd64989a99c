/** The media that this device sends and receives in its call. */
import { signal } from '@preact/signals';
import { type DeviceProblem, type Opened, openCamera, openMicrophone, openScreen } from '../calls/devices';
import { Lines, type Tracks } from '../calls/lines';
import { t } from '../i18n';
import { deviceChoice, devices, readDevices } from './call-devices';
import { showToast } from './toasts';

export interface OwnMedia {
  tracks: Tracks;
  muted: boolean;
  problems: { microphone?: DeviceProblem; camera?: DeviceProblem };
  /** Video is off in both directions, by the person's choice. */
  voiceOnly: boolean;
  /** The camera is paused because the network is too slow for video; it resumes automatically. */
  rests: boolean;
  /**
   * Muted by the system: a privacy switch, or another program that took the device (W3C mediacapture-streams, 4.3.1).
   */
  silenced: { microphone: boolean; camera: boolean };
}

const NONE: OwnMedia = {
  tracks: {},
  muted: false,
  problems: {},
  voiceOnly: false,
  rests: false,
  silenced: { microphone: false, camera: false },
};

export const ownMedia = signal<OwnMedia>(NONE);
export const otherMedia = signal<Tracks>({});

let lines: Lines | null = null;
/** Devices that were requested for an earlier call are closed at once. */
let generation = 0;

/** @param before tracks that a prepared connection sends before its call is entered */
export function makeLines(connection: RTCPeerConnection, offers: boolean, before: () => Tracks | undefined): Lines {
  return new Lines(connection, {
    offers,
    sent: () => before() ?? sentTracks(ownMedia.peek()),
    wantsPictures: () => !ownMedia.peek().voiceOnly,
    onReceived: (tracks) => (otherMedia.value = tracks),
  });
}

/** A new connection of the call takes over the tracks. */
export function useLines(made: Lines): void {
  lines = made;
  void made.update();
}

export function mediaLines(): Lines | null {
  return lines;
}

/** The subset of open tracks that is sent. */
export function sentTracks({ tracks, voiceOnly, rests, silenced }: OwnMedia): Tracks {
  const { microphone, camera, screen, ...others } = tracks;
  // A line without a track tells the other side that nothing is sent, instead of silence or black frames.
  const sound = { ...(microphone && !silenced.microphone && { microphone }), ...others };
  if (voiceOnly) return sound;
  return { ...sound, ...(camera && !rests && !silenced.camera && { camera }), ...(screen && { screen }) };
}

function withSilence(media: OwnMedia): OwnMedia {
  const { microphone, camera } = media.tracks;
  return { ...media, silenced: { microphone: Boolean(microphone?.muted), camera: Boolean(camera?.muted) } };
}

/** Follows the system's mute state of an open device. */
function followTrack(track: MediaStreamTrack): void {
  track.onended = () => void replaceLost(track);
  track.onmute = track.onunmute = () => changeMedia({});
}

/** Starts the call with these devices; those of another call are closed. */
export function startMedia({ microphone, camera, problems }: Opened): void {
  generation += 1;
  for (const track of Object.values(ownMedia.peek().tracks)) stop(track);
  ownMedia.value = withSilence({ ...NONE, tracks: tracksOf({ microphone, camera }), problems });
  for (const track of [microphone, camera]) if (track) followTrack(track);
  navigator.mediaDevices.addEventListener?.('devicechange', followDevices);
  void readDevices();
}

export function tracksOf({ microphone, camera }: Pick<Opened, 'microphone' | 'camera'>): Tracks {
  return { ...(microphone && { microphone }), ...(camera && { camera }) };
}

/** Closes microphone, camera and screen. */
export function closeMedia(): void {
  generation += 1;
  for (const track of Object.values(ownMedia.peek().tracks)) stop(track);
  ownMedia.value = NONE;
  otherMedia.value = {};
  lines = null;
  navigator.mediaDevices?.removeEventListener?.('devicechange', followDevices);
}

function stop(track: MediaStreamTrack | undefined): void {
  if (!track) return;
  track.onended = track.onmute = track.onunmute = null;
  track.stop();
}

export function changeMedia(next: Partial<OwnMedia>): void {
  ownMedia.value = withSilence({ ...ownMedia.peek(), ...next });
  void lines?.update();
}

function put(line: keyof Tracks, track: MediaStreamTrack | null): void {
  const { [line]: before, ...others } = ownMedia.peek().tracks;
  if (before !== track) stop(before);
  changeMedia({ tracks: track ? { ...others, [line]: track } : others });
}

/** Without a microphone, requests one: the person may have permitted or connected one meanwhile. */
export async function toggleMicrophone(): Promise<void> {
  const { tracks, muted } = ownMedia.peek();
  if (!tracks.microphone) return switchMicrophone();
  tracks.microphone.enabled = muted;
  changeMedia({ muted: !muted });
}

/** Also applies to a microphone that is opened later. */
export function muteMicrophone(): void {
  const { microphone } = ownMedia.peek().tracks;
  if (microphone) microphone.enabled = false;
  changeMedia({ muted: true });
}

export async function switchMicrophone(): Promise<void> {
  const before = generation;
  const track = await openMicrophone(deviceChoice.peek());
  if (typeof track === 'string') return fail('microphone', track, before);
  if (before !== generation) return stop(track);
  track.enabled = !ownMedia.peek().muted;
  followTrack(track);
  put('microphone', track);
  changeMedia({ problems: { ...ownMedia.peek().problems, microphone: undefined } });
  void readDevices();
}

/** Switching off closes the camera: its light goes out, and nothing is sent. */
export async function toggleCamera(): Promise<void> {
  if (ownMedia.peek().tracks.camera) return put('camera', null);
  changeMedia({ voiceOnly: false, rests: false });
  return switchCamera();
}

export async function switchCamera(): Promise<void> {
  const before = generation;
  // Many cameras can be opened only once, so the old one is closed first.
  put('camera', null);
  const track = await openCamera(deviceChoice.peek());
  if (typeof track === 'string') return fail('camera', track, before);
  if (before !== generation) return stop(track);
  followTrack(track);
  put('camera', track);
  changeMedia({ problems: { ...ownMedia.peek().problems, camera: undefined } });
  void readDevices();
}

function fail(device: 'microphone' | 'camera', problem: DeviceProblem, of: number): void {
  if (of === generation) changeMedia({ problems: { ...ownMedia.peek().problems, [device]: problem } });
}

/** Ends by the person, by the browser's own bar, or with the shared window. */
export async function toggleScreen(): Promise<void> {
  if (ownMedia.peek().tracks.screen) return stopScreen();
  const before = generation;
  const stream = await openScreen();
  if (!stream) return;
  if (before !== generation) return stream.getTracks().forEach(stop);
  const [screen, sound] = [stream.getVideoTracks()[0], stream.getAudioTracks()[0]];
  if (screen) screen.onended = stopScreen;
  changeMedia({ voiceOnly: false });
  put('screen', screen ?? null);
  put('screenSound', sound ?? null);
}

export function stopScreen(): void {
  put('screen', null);
  put('screenSound', null);
}

/** Video uses most of a call's data: none is sent or received. */
export function setVoiceOnly(voiceOnly: boolean): void {
  if (voiceOnly) {
    put('camera', null);
    stopScreen();
  }
  changeMedia({ voiceOnly });
}

/** A device was unplugged during the call: another one of its kind replaces it, if there is one. */
async function replaceLost(track: MediaStreamTrack): Promise<void> {
  const { tracks } = ownMedia.peek();
  if (tracks.microphone === track) {
    await switchMicrophone();
    const next = ownMedia.peek().tracks.microphone;
    if (next === track) put('microphone', null);
    else if (next) showToast(t('call.deviceReplaced', next.label));
  } else if (tracks.camera === track) {
    put('camera', null);
    changeMedia({ problems: { ...ownMedia.peek().problems, camera: 'missing' } });
  }
}

/** The chosen speaker may be gone, and the system's default another one: refresh the lists. */
function followDevices(): void {
  void readDevices().then(() => {
    const { speaker } = deviceChoice.peek();
    if (speaker && !devices.peek().some((one) => one.deviceId === speaker)) showToast(t('call.speakerGone'));
  });
}
