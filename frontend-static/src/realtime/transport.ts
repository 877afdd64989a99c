/**
 * The port of real time: modules above it do not depend on the carrier. An adapter delivers server events at least once
 * and matches answers to actions by id.
 */
import type { ReadonlySignal } from '@preact/signals';
import type { ServerEvent } from '../api/types';
import type { CarrierName } from './carrier';

export type ConnectionState = 'stopped' | 'connecting' | 'open' | 'waiting';

export interface RequestOptions {
  timeoutMs?: number;
  /** Retries after a lost answer; only for actions that the server deduplicates. */
  retries?: number;
}

export interface RealtimeTransport {
  readonly state: ReadonlySignal<ConnectionState>;
  /** The carrier in use, for display; null when not connected. */
  readonly carrier: ReadonlySignal<CarrierName | null>;
  start(): void;
  stop(): void;
  /** Sends an action and waits for its ack. @throws ApiError */
  request<T>(action: string, data: object, options?: RequestOptions): Promise<T>;
  /** Fire and forget: dropped while disconnected. */
  send(action: string, data: object): void;
  onEvent(listener: (event: ServerEvent) => void): () => void;
  /** Called after each (re)connection: events may have been missed before it. */
  onOpen(listener: () => void): () => void;
}
