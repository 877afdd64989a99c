/** Web Push of this browser: permission, subscription, and telling the server. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { config } from '../config';

export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

export const pushState = signal<PushState>('off');

const TIMEOUT_MS = 10_000;

function supported(): boolean {
  return Boolean(config().vapidPublicKey) && 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
}

export async function refreshPush(): Promise<void> {
  if (!supported()) pushState.value = 'unsupported';
  else if (Notification.permission === 'denied') pushState.value = 'denied';
  else {
    const registration = await navigator.serviceWorker.getRegistration();
    pushState.value = (await registration?.pushManager.getSubscription()) ? 'on' : 'off';
  }
}

/** Asks for permission (call it from a click), subscribes and registers. */
export async function enablePush(): Promise<void> {
  if (!supported()) return;
  if ((await Notification.requestPermission()) !== 'granted') return refreshPush();
  const registration = await navigator.serviceWorker.ready;
  try {
    const subscription = await limited(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: config().vapidPublicKey! }));
    await api.subscribePush(subscription.toJSON());
    pushState.value = 'on';
  } catch {
    pushState.value = 'unsupported'; // E.g. a browser whose push service is out of reach.
  }
}

export async function disablePush(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) {
    await api.unsubscribePush(subscription.endpoint).catch(() => undefined);
    await subscription.unsubscribe();
  }
  await refreshPush();
}

function limited<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([promise, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer from the push service')), TIMEOUT_MS))]);
}
