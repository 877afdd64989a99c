/** Live streams in their last known state, and the running ones of followed people. */
import { computed, effect, signal } from '@preact/signals';
import { liveApi } from '../api/live';
import { ApiError } from '../api/problem';
import type { Live } from '../api/types';
import { session, subject } from '../auth/session';
import { config } from '../config';
import { onConnected, onServerEvent } from './realtime';

/** By id; null: not found or not visible to this person. */
export const lives = signal<Record<string, Live | null>>({});
const running = signal<readonly string[]>([]);

/** Latest first. */
export const runningLives = computed(() =>
  running.value.map((id) => lives.value[id]).filter((live): live is Live => live?.state === 'live'),
);

/** By host. */
export const liveOfHost = computed(() => new Map(runningLives.value.map((live) => [live.host.id, live])));

/** The viewer's stream, also before media are sent. */
export const ownLive = computed(
  () =>
    Object.values(lives.value).find((live) => live && live.host.id === subject.value && live.state !== 'ended') ?? null,
);

/** Live streams need the media server. */
export function hasLive(): boolean {
  return Boolean(config().sfu);
}

export function applyLive(live: Live): void {
  // Frames and responses may overtake each other.
  if ((lives.peek()[live.id]?.revision ?? 0) > live.revision) return;
  lives.value = { ...lives.peek(), [live.id]: live };
}

export function applyViewers(id: string, viewers: number): void {
  const live = lives.peek()[id];
  if (live) applyLive({ ...live, viewers, mostViewers: Math.max(viewers, live.mostViewers) });
}

/** @throws ApiError other than "not found" */
export async function loadLive(id: string): Promise<void> {
  try {
    applyLive(await liveApi.read(id));
  } catch (error) {
    // 400: the address contains no id of a stream.
    if (!(error instanceof ApiError && (error.status === 404 || error.status === 400))) throw error;
    lives.value = { ...lives.peek(), [id]: null };
  }
}

/** @throws ApiError */
export async function loadRunningLives(): Promise<void> {
  if (!hasLive()) return;
  const { items } = await liveApi.running();
  for (const live of items) applyLive(live);
  running.value = items.map(({ id }) => id);
}

export async function endLive(id: string): Promise<void> {
  applyLive(await liveApi.end(id));
}

export function startLives(): void {
  onServerEvent('live.updated', ({ live }) => applyLive(live));
  // Fetches events missed while disconnected.
  onConnected(() => {
    for (const live of Object.values(lives.peek()))
      if (live && live.state !== 'ended') void loadLive(live.id).catch(() => undefined);
  });
}

/** Frames report new streams, but not to followers when a stream ends. */
const ASK_MS = 30_000;

/** Running streams of followed people, on every page, because cards show them. */
export function watchRunningLives(): () => void {
  const look = () => {
    const isWanted = session.peek() === 'in' && document.visibilityState === 'visible';
    if (isWanted) void loadRunningLives().catch(() => undefined);
  };
  const timer = setInterval(look, ASK_MS);
  document.addEventListener('visibilitychange', look);
  const offs = [
    effect(() => {
      if (session.value === 'in') look();
    }),
    onConnected(look),
    onServerEvent('notification.created', ({ notification }) => notification.type === 'live' && look()),
  ];
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
    for (const off of offs) off();
  };
}

export function resetLives(): void {
  lives.value = {};
  running.value = [];
}
