/** Starts and stops the real-time connection and dispatches its events. */
import { computed, signal } from '@preact/signals';
import { api } from '../api';
import type { Media, ServerEvent, ServerEvents } from '../api/types';
import { config } from '../config';
import { type CarrierName, webSocketCarrier } from '../realtime/carrier';
import { ReconnectingTransport } from '../realtime/reconnecting';
import type { RealtimeTransport } from '../realtime/transport';
import { webTransportCarrier } from '../realtime/webtransport';
import { carrierChoice, setCarrierChoice } from './settings';

const transport = signal<RealtimeTransport | null>(null);

export const connectionState = computed(() => transport.value?.state.value ?? 'stopped');
/** The current carrier; null when disconnected. */
export const carrierInUse = computed(() => transport.value?.carrier.value ?? null);

type Handlers = { [K in keyof ServerEvents]: Set<(data: ServerEvents[K]) => void> };
const handlers: Partial<Handlers> = {};
const openHandlers = new Set<() => void>();
const urgencies = new Set<() => boolean>();

export function onServerEvent<K extends keyof ServerEvents>(
  type: K,
  handler: (data: ServerEvents[K]) => void,
): () => void {
  handlers[type] ??= new Set() as Handlers[K];
  const set = handlers[type] as Set<(data: ServerEvents[K]) => void>;
  set.add(handler);
  return () => set.delete(handler);
}

/** Registers activities that need a connection soon. */
export function hurryWhile(isUrgent: () => boolean): void {
  urgencies.add(isUrgent);
}

/** Called after each (re)connection, to catch up. */
export function onConnected(handler: () => void): () => void {
  openHandlers.add(handler);
  return () => openHandlers.delete(handler);
}

export function onMediaUpdated(handler: (media: Media) => void): () => void {
  return onServerEvent('media.updated', ({ media }) => handler(media));
}

function dispatchEvent(event: ServerEvent): void {
  const set = handlers[event.type] as Set<(data: unknown) => void> | undefined;
  for (const handler of [...(set ?? [])]) handler(event.data);
}

export function startRealtime(): void {
  if (transport.value) return;
  const sockets = webSocketCarrier(config().realtimeUrl);
  const sessions = carrierChoice.value === 'webtransport' ? webTransportCarrier(config().webTransport) : null;
  const created = new ReconnectingTransport({
    carriers: sessions ? [sessions, sockets] : [sockets],
    ticket: async () => (await api.realtimeTicket()).ticket,
    isUrgent: () => [...urgencies].some((isUrgent) => isUrgent()),
  });
  created.onEvent(dispatchEvent);
  created.onOpen(() => openHandlers.forEach((handler) => handler()));
  transport.value = created;
  created.start();
}

export function stopRealtime(): void {
  transport.value?.stop();
  transport.value = null;
}

/** The connected transport, or null. */
export function getTransport(): RealtimeTransport | null {
  return transport.value?.state.value === 'open' ? transport.value : null;
}

/** Whether both carriers are available to choose from. */
export function canChooseCarrier(): boolean {
  return webTransportCarrier(config().webTransport) !== null;
}

/** Stores the choice for this browser, and reconnects with it. */
export function chooseCarrier(name: CarrierName): void {
  setCarrierChoice(name);
  if (!transport.value) return;
  stopRealtime();
  startRealtime();
}
