/** This page's presence in its call: sent at each connection, every few seconds, and when the page closes. */
import { computed, effect } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Call } from '../api/types';
import { activeCall, announceEnd, applyCall, closeCall, isOver, moveAway } from './active-call';
import { joinCall, leaveCall } from './call-actions';
import { hurryWhile } from './realtime';

/** The server waits 20 seconds for the next heartbeat. */
export const SIGN_OF_LIFE_MS = 6000;

/**
 * A call rings for 30 seconds: if it still rings after this time, its state is fetched, because the end may have been
 * missed.
 */
const RINGS_MS = 35_000;

export function startCallPresence(): void {
  const pace = computed(() => {
    if (!activeCall.value) return null;
    return activeCall.value.phase === 'incoming' ? RINGS_MS : SIGN_OF_LIFE_MS;
  });
  effect(() => {
    if (pace.value === null) return;
    const timer = setInterval(() => void saySo(), pace.value);
    return () => clearInterval(timer);
  });
  hurryWhile(() => pace.peek() === SIGN_OF_LIFE_MS);
  addEventListener('pagehide', leavePage);
}

/** Registers the current connection in the call and applies the server's answer. */
export async function saySo(): Promise<void> {
  const current = activeCall.peek();
  if (!current) return;
  const { call, phase } = current;
  try {
    const known = phase === 'incoming' ? await api.call(call.id) : await joinCall(call.id);
    if (known && activeCall.peek()?.call.id === known.id) follow(known);
  } catch (error) {
    if (activeCall.peek()?.call.id === call.id && error instanceof ApiError) await refused(error, call.id);
  }
}

function follow(call: Call): void {
  if (!isOver(call)) applyCall(call);
  else {
    announceEnd(call);
    closeCall();
  }
}

async function refused(error: ApiError, id: string): Promise<void> {
  if (error.slug === 'call-elsewhere') return moveAway();
  if (error.slug !== 'call-over' && error.status !== 404) return;
  const call = await api.call(id).catch(() => null);
  if (activeCall.peek()?.call.id !== id) return;
  announceEnd(call);
  closeCall();
}

/** A page in the back/forward cache (`persisted`) may return: it sends no leave, its heartbeats just stop. */
function leavePage({ persisted }: PageTransitionEvent): void {
  const current = activeCall.peek();
  if (!persisted && current && current.phase !== 'incoming') leaveCall(current.call.id);
}
