/** Chat messages of live streams, by stream. */
import { signal } from '@preact/signals';
import { liveApi } from '../api/live';
import type { LiveMessage } from '../api/types';
import { newId } from '../lib/id';
import { onServerEvent } from './realtime';

export interface LiveChat {
  /** Oldest first. */
  messages: readonly LiveMessage[];
  /** The cursor of older messages, or null. */
  older: string | null;
}

export const liveChats = signal<Record<string, LiveChat>>({});

function add(id: string, found: readonly LiveMessage[], older?: string | null): void {
  const before = liveChats.peek()[id] ?? { messages: [], older: null };
  const all = new Map([...before.messages, ...found].map((one) => [one.id, one]));
  const messages = [...all.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const chat = { messages, older: older === undefined ? before.older : older };
  liveChats.value = { ...liveChats.peek(), [id]: chat };
}

function placeOf({ createdAt, id }: LiveMessage): string {
  return `${createdAt} ${id}`;
}

/** Loads the latest messages, including those missed while disconnected. @throws ApiError */
export async function loadLiveMessages(id: string): Promise<void> {
  const { items, older } = await liveApi.messages(id);
  const isFirst = !liveChats.peek()[id];
  add(id, items, isFirst ? older : undefined);
}

/** @throws ApiError */
export async function loadOlderLiveMessages(id: string): Promise<void> {
  const cursor = liveChats.peek()[id]?.older;
  if (!cursor) return;
  const { items, older } = await liveApi.messages(id, cursor);
  add(id, items, older);
}

/** @throws ApiError */
export async function sendLiveMessage(id: string, text: string): Promise<void> {
  add(id, [await liveApi.say(id, { clientMessageId: newId(), text })]);
}

export function startLiveChats(): void {
  onServerEvent('live.message', ({ liveId, message }) => liveChats.peek()[liveId] && add(liveId, [message]));
}

export function resetLiveChats(): void {
  liveChats.value = {};
}
