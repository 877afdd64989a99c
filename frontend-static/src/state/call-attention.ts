/** Draws attention to a call: sound and vibration, the tab's title and icon, a system notification. */
import { effect } from '@preact/signals';
import type { Room } from '../api/types';
import { play, type Tone } from '../calls/tones';
import { t } from '../i18n';
import { setTitleNotice } from '../lib/title';
import { type ActiveCall, activeCall, type Phase } from './active-call';
import { groupTitle, loadConversation } from './conversations';
import { ringingRoom } from './room';

const ICON = '/icon.svg';
const CALL_ICON = '/icon-call.svg';

const TONES: Partial<Record<Phase, Tone>> = { incoming: 'ring', calling: 'ringback' };

/** The ringing call as it is presented. Its push has the same tag (`services/notifications/rules.py`). */
interface Ringing {
  tag: string;
  title: () => string;
  words: string;
  url: string;
  /** Loads the data for the title. */
  ready?: () => Promise<unknown>;
}

export function startCallAttention(): void {
  let before: ActiveCall | null = null;
  let key = '';
  let quiet = (): void => undefined;
  effect(() => {
    const now = activeCall.value;
    const room = now ? null : ringingRoom.value;
    showInTab(now, room);
    const nextKey = now ? `${now.call.id} ${now.phase}` : (room?.id ?? '');
    if (nextKey === key) return;
    key = nextKey;
    quiet();
    quiet = now ? sounds(now) : room ? ringOnce(ringingOfRoom(room)) : () => undefined;
    playOnce(before, now);
    before = now;
  });
}

/** Sets the tab's icon and title, in the selected language. */
function showInTab(current: ActiveCall | null, room: Room | null): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (icon) icon.href = current || room ? CALL_ICON : ICON;
  setTitleNotice(current ? noticeOf(current) : room ? told(ringingOfRoom(room)) : '');
}

function noticeOf(current: ActiveCall): string {
  return current.phase === 'incoming' ? told(ringingOf(current)) : t('call.title', current.other.displayName);
}

function told({ words, title }: Ringing): string {
  return `${words}: ${title()}`;
}

function ringingOf({ call, other }: ActiveCall): Ringing {
  const url = location.pathname + location.search;
  return { tag: `call:${call.id}`, title: () => other.displayName, words: t(`call.incoming.${call.media}`), url };
}

function ringingOfRoom({ id, conversationId, media }: Room): Ringing {
  const url = `/messages/${conversationId}`;
  const ready = () => loadConversation(conversationId).catch(() => undefined);
  return { tag: `room:${id}`, title: () => groupTitle(conversationId), words: t(`room.rings.${media}`), url, ready };
}

/** Sounds that last as long as the phase. */
function sounds(current: ActiveCall): () => void {
  const tone = TONES[current.phase];
  if (!tone) return () => undefined;
  return current.phase === 'incoming' ? ringOnce(ringingOf(current)) : play(tone);
}

function playOnce(before: ActiveCall | null, now: ActiveCall | null): void {
  if (now?.phase === 'connected' && before?.phase !== 'reconnecting') play('connected');
  else if (!now && before && before.phase !== 'incoming') play('ended');
}

/**
 * Only one of a browser's tabs rings: the one that holds the lock of this call. When it is closed, the next tab gets
 * the lock.
 */
function ringOnce(ringing: Ringing): () => void {
  let isOver = false;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const ring = async () => {
    if (isOver) return;
    const quiet = play('ring');
    const withdraw = notify(ringing);
    await over;
    quiet();
    withdraw();
  };
  if (navigator.locks) void navigator.locks.request(`asyncsns.ring.${ringing.tag}`, ring);
  else void ring();
  return () => {
    isOver = true;
    end();
  };
}

/** Only while the page is hidden. It is closed when the call is answered here or elsewhere, declined or missed. */
function notify({ tag, title, words, url, ready }: Ringing): () => void {
  if (document.visibilityState !== 'hidden' || typeof Notification === 'undefined') return () => undefined;
  if (Notification.permission !== 'granted') return () => undefined;
  const shown = navigator.serviceWorker?.getRegistration().then(async (worker) => {
    await ready?.();
    await worker?.showNotification(title(), {
      body: words,
      icon: '/icon-192.png',
      badge: '/badge-96.png',
      tag,
      requireInteraction: true,
      data: { url },
    });
    return worker;
  });
  return () =>
    void shown?.then(async (worker) => (await worker?.getNotifications({ tag }))?.forEach((one) => one.close()));
}
