/** Starts and stops the real-time connection and hands its events to those who show them. */
import { computed, signal } from '@preact/signals';
import { api } from '../api';
import type { Media, ServerEvent, ServerEvents } from '../api/types';
import { config } from '../config';
import type { RealtimeTransport } from '../realtime/transport';
import { WebSocketTransport } from '../realtime/websocket';

const transport = signal<RealtimeTransport | null>(null);

export const connection = computed(() => transport.value?.state.value ?? 'stopped');

type Handlers = { [K in keyof ServerEvents]: Set<(data: ServerEvents[K]) => void> };
const handlers: Partial<Handlers> = {};
const openHandlers = new Set<() => void>();

export function on<K extends keyof ServerEvents>(type: K, handler: (data: ServerEvents[K]) => void): () => void {
  const set = (handlers[type] ??= new Set() as Handlers[K]) as Set<(data: ServerEvents[K]) => void>;
  set.add(handler);
  return () => set.delete(handler);
}

/** After each (re)connection, for catching up on what was missed. */
export function onConnected(handler: () => void): () => void {
  openHandlers.add(handler);
  return () => openHandlers.delete(handler);
}

export function onMediaUpdated(handler: (media: Media) => void): () => void {
  return on('media.updated', ({ media }) => handler(media));
}

function dispatch(event: ServerEvent): void {
  const set = handlers[event.type] as Set<(data: unknown) => void> | undefined;
  for (const handler of [...(set ?? [])]) handler(event.data);
}

export function startLive(): void {
  if (transport.value) return;
  const created = new WebSocketTransport({
    url: config().realtimeUrl,
    ticket: async () => (await api.realtimeTicket()).ticket,
  });
  created.onEvent(dispatch);
  created.onOpen(() => openHandlers.forEach((handler) => handler()));
  transport.value = created;
  created.start();
}

export function stopLive(): void {
  transport.value?.stop();
  transport.value = null;
}

/** The connected transport, or null when there is none to use now. */
export function live(): RealtimeTransport | null {
  return transport.value?.state.value === 'open' ? transport.value : null;
}
