/**
 * When to offer notifications: after an action to which others may respond (a post, a follow, a message), never on page
 * load, and not again for a long time after "not now".
 */
import { signal } from '@preact/signals';
import { enablePush, loadPushState, pushState } from './push';

export const pushOffered = signal(false);

const KEY = 'asyncsns.push-offer';
const DAY_MS = 24 * 3600 * 1000;
/** Two weeks after the first "not now", three months after the second, then never. */
const WAITS_DAYS = [14, 90, Infinity];

interface Memory {
  refusals: number;
  at: number;
}

function memory(): Memory {
  try {
    return { refusals: 0, at: 0, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Memory>) };
  } catch {
    return { refusals: 0, at: 0 };
  }
}

export function mayOfferPush({ refusals, at }: Memory, now: number): boolean {
  return refusals === 0 || now - at > (WAITS_DAYS[refusals - 1] ?? Infinity) * DAY_MS;
}

/** Call this after a successful action. */
export async function offerPush(): Promise<void> {
  if (pushOffered.value || !mayOfferPush(memory(), Date.now())) return;
  await loadPushState().catch(() => undefined);
  // If the browser was asked before, its answer applies.
  pushOffered.value = pushState.value === 'off' && globalThis.Notification?.permission === 'default';
}

export async function acceptPushOffer(): Promise<void> {
  pushOffered.value = false;
  await enablePush();
}

export function declinePushOffer(): void {
  pushOffered.value = false;
  const { refusals } = memory();
  localStorage.setItem(KEY, JSON.stringify({ refusals: refusals + 1, at: Date.now() } satisfies Memory));
}
