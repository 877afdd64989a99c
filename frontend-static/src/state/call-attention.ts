/** What makes people notice a call: sound and vibration, the tab's title and icon, a notification of the system. */
import { effect } from '@preact/signals';
import { play, type Tone } from '../calls/tones';
import { t } from '../i18n';
import { setTitleNotice } from '../lib/title';
import { type ActiveCall, activeCall, type Phase } from './active-call';

const ICON = '/icon.svg';
const CALL_ICON = '/icon-call.svg';

const TONES: Partial<Record<Phase, Tone>> = { incoming: 'ring', calling: 'ringback' };

export function startCallAttention(): void {
  let before: ActiveCall | null = null;
  let quiet = (): void => undefined;
  effect(() => {
    const now = activeCall.value;
    showInTab(now);
    if (now?.call.id === before?.call.id && now?.phase === before?.phase) return;
    quiet();
    quiet = now ? sounds(now) : () => undefined;
    playOnce(before, now);
    before = now;
  });
}

/** The icon and the words stand in the tab in the language that is chosen. */
function showInTab(current: ActiveCall | null): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (icon) icon.href = current ? CALL_ICON : ICON;
  if (!current) {
    setTitleNotice('');
    return;
  }
  const { call, other, phase } = current;
  const words = phase === 'incoming' ? t(`call.incoming.${call.media}`) : t('call.title', other.displayName);
  setTitleNotice(phase === 'incoming' ? `${words}: ${other.displayName}` : words);
}

/** What goes on as long as the phase does. */
function sounds(current: ActiveCall): () => void {
  const tone = TONES[current.phase];
  if (!tone) return () => undefined;
  return current.phase === 'incoming' ? ringOnce(current) : play(tone);
}

function playOnce(before: ActiveCall | null, now: ActiveCall | null): void {
  if (now?.phase === 'connected' && before?.phase !== 'reconnecting') play('connected');
  else if (!now && before && before.phase !== 'incoming') play('ended');
}

/**
 * Of all tabs of this browser one rings: the one that holds the lock of this call. When that tab is closed, the next
 * one has the lock.
 */
function ringOnce(current: ActiveCall): () => void {
  let isOver = false;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const ring = async () => {
    if (isOver) return;
    const quiet = play('ring');
    const withdraw = notify(current);
    await over;
    quiet();
    withdraw();
  };
  if (navigator.locks) void navigator.locks.request(`asyncsns.ring.${current.call.id}`, ring);
  else void ring();
  return () => {
    isOver = true;
    end();
  };
}

/** Only where nobody sees the page. The answer takes it back: answered here or elsewhere, declined, missed. */
function notify({ call, other }: ActiveCall): () => void {
  const tag = `call:${call.id}`;
  if (document.visibilityState !== 'hidden' || typeof Notification === 'undefined') return () => undefined;
  if (Notification.permission !== 'granted') return () => undefined;
  const shown = navigator.serviceWorker?.getRegistration().then(async (worker) => {
    await worker?.showNotification(other.displayName, {
      body: t(`call.incoming.${call.media}`),
      icon: '/icon-192.png',
      badge: '/badge-96.png',
      tag,
      requireInteraction: true,
      data: { url: location.pathname + location.search },
    });
    return worker;
  });
  return () =>
    void shown?.then(async (worker) => (await worker?.getNotifications({ tag }))?.forEach((one) => one.close()));
}
