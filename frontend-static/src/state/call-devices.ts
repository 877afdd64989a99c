/** The devices chosen for calls in this browser, and the available ones. */
import { signal } from '@preact/signals';
import type { DeviceChoice } from '../calls/devices';

const KEY = 'asyncsns.call-devices';
const DEFAULT: DeviceChoice = {
  microphone: '',
  camera: '',
  speaker: '',
  noiseSuppression: true,
  echoCancellation: true,
  autoGainControl: true,
};

function stored(): DeviceChoice {
  try {
    return { ...DEFAULT, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<DeviceChoice>) };
  } catch {
    return DEFAULT;
  }
}

export const deviceChoice = signal<DeviceChoice>(stored());
export const devices = signal<MediaDeviceInfo[]>([]);

export function keepChoice(change: Partial<DeviceChoice>): void {
  deviceChoice.value = { ...deviceChoice.peek(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(deviceChoice.peek()));
  } catch {
    // Private mode: the choice is kept for this page only.
  }
}

/** Labels are available once a device was permitted (W3C mediacapture-streams, 9.2). */
export async function readDevices(): Promise<MediaDeviceInfo[]> {
  devices.value = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  return devices.peek();
}

export function devicesOf(kind: MediaDeviceKind): MediaDeviceInfo[] {
  return devices.value.filter((one) => one.kind === kind && one.deviceId !== '');
}

/** Whether this browser can play a call on another speaker than the system's (W3C audio-output). */
export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;
}
