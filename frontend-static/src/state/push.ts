/** Web Push in this browser: permission, subscription and registration at the server. */
import { signal } from '@preact/signals';
import { notificationsApi } from '../api/notifications';
import { config } from '../config';
import { deviceName } from '../lib/device-name';

export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

export const pushState = signal<PushState>('off');
/** The server's id of this browser's device, if it is registered. */
export const pushDeviceId = signal<string | null>(null);

const TIMEOUT_MS = 10_000;

function supported(): boolean {
  return (
    Boolean(config().vapidPublicKey) &&
    'serviceWorker' in navigator &&
    'PushManager' in globalThis &&
    'Notification' in globalThis
  );
}

export async function loadPushState(): Promise<void> {
  if (!supported()) pushState.value = 'unsupported';
  else if (Notification.permission === 'denied') pushState.value = 'denied';
  else {
    const registration = await navigator.serviceWorker.getRegistration();
    const subscription = await registration?.pushManager.getSubscription();
    pushDeviceId.value = subscription ? await idOf(subscription.endpoint) : null;
    pushState.value = subscription ? 'on' : 'off';
  }
}

/** Requests permission (call it from a click), subscribes and registers. */
export async function enablePush(): Promise<void> {
  if (!supported()) return;
  if ((await Notification.requestPermission()) !== 'granted') return loadPushState();
  const registration = await navigator.serviceWorker.ready;
  try {
    const subscription = await limited(
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: config().vapidPublicKey! }),
    );
    await notificationsApi.subscribe(subscription.toJSON(), deviceName());
    await loadPushState();
  } catch {
    pushState.value = 'unsupported'; // For example, a browser that cannot reach its push service.
  }
}

export async function disablePush(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) {
    await notificationsApi.unsubscribe(subscription.endpoint).catch(() => undefined);
    await subscription.unsubscribe();
  }
  await loadPushState();
}

/**
 * After sign-in: the subscription may have been renewed, removed elsewhere, or another person's. It asks no permission:
 * only a browser that has a subscription is registered again.
 */
export async function renewPush(): Promise<void> {
  if (!supported() || Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) await notificationsApi.subscribe(subscription.toJSON(), deviceName());
}

/** The same derivation as the server's: a prefix of the endpoint's SHA-256. */
async function idOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint)));
  return [...digest]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 32);
}

function limited<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('no answer from the push service')), TIMEOUT_MS),
    ),
  ]);
}
