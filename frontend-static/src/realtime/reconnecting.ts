/**
 * A RealtimeTransport that stays connected within API Gateway's limits: 32 KB frames, 10 min idle, 2 h per connection.
 */
import { signal } from '@preact/signals';
import { ApiError, networkError, problemFrom } from '../api/problem';
import type { Problem, ServerEvent } from '../api/types';
import { newId } from '../lib/id';
import { newTrace } from '../lib/trace';
import { backoff, plannedReconnectMs } from './backoff';
import type { Carrier, CarrierName, SocketLike } from './carrier';
import { PendingRequests } from './pending-requests';
import type { ConnectionState, RealtimeTransport, RequestOptions } from './transport';

export const MAX_FRAME_BYTES = 32 * 1024;
export const PING_MS = 4 * 60_000;
const PONG_TIMEOUT_MS = 10_000;
/** After this silence, a page that becomes visible checks whether the connection is still open. */
const SILENCE_MS = 20_000;
/** How long a replaced connection stays open, for frames and answers in transit. */
export const RETIRE_MS = 5_000;
/**
 * A shorter connection does not count as a success, so that a server that accepts and closes is retried with backoff.
 */
const SETTLED_MS = 10_000;
const ACK_TIMEOUT_MS = 8_000;
const REMEMBERED_EVENTS = 500;

export interface Options {
  /** In order of preference: when one fails to open, the next is tried at once. */
  carriers: readonly Carrier[];
  ticket: () => Promise<string>;
  random?: () => number;
  /** Whether an interruption is noticeable, as in a call: then a connection is tried every second. */
  isUrgent?: () => boolean;
}

type Frame =
  | { type: 'ack'; id: string; data?: unknown }
  | { type: 'pong'; id: string; data?: unknown }
  | { type: 'error'; id: string; error: Problem }
  | ServerEvent;

export class ReconnectingTransport implements RealtimeTransport {
  readonly state = signal<ConnectionState>('stopped');
  /** The current carrier; null when disconnected. */
  readonly carrier = signal<CarrierName | null>(null);
  private socket: SocketLike | null = null;
  private preferred = 0;
  private heard = 0;
  private attempt = 0;
  private generation = 0;
  private readonly pending = new PendingRequests();
  private readonly listeners = new Set<(event: ServerEvent) => void>();
  private readonly openListeners = new Set<() => void>();
  private readonly seen = new Set<string>();
  private timers: ReturnType<typeof setTimeout>[] = [];
  private readonly retired = new Map<SocketLike, ReturnType<typeof setTimeout>>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options) {}

  start(): void {
    if (this.state.value !== 'stopped') return;
    globalThis.addEventListener?.('online', this.hurry);
    globalThis.document?.addEventListener('visibilitychange', this.hurry);
    void this.connect();
  }

  stop(): void {
    globalThis.removeEventListener?.('online', this.hurry);
    globalThis.document?.removeEventListener('visibilitychange', this.hurry);
    this.generation += 1;
    this.attempt = 0;
    clearTimeout(this.retryTimer);
    for (const socket of [...this.retired.keys(), this.socket]) this.drop(socket);
    this.socket = null;
    this.carrier.value = null;
    this.preferred = 0;
    this.state.value = 'stopped';
  }

  async request<T>(action: string, data: object, options: RequestOptions = {}): Promise<T> {
    const id = newId();
    for (let left = options.retries ?? 0; ; left -= 1) {
      try {
        return (await this.exchange(id, action, data, options.timeoutMs ?? ACK_TIMEOUT_MS)) as T;
      } catch (error) {
        if (left <= 0 || !(error instanceof ApiError) || !error.isTemporary) throw error;
        await this.opened(options.timeoutMs ?? ACK_TIMEOUT_MS);
      }
    }
  }

  send(action: string, data: object): void {
    if (this.state.value === 'open') this.socket?.send(frame(newId(), action, data));
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onOpen(listener: () => void): () => void {
    this.openListeners.add(listener);
    return () => this.openListeners.delete(listener);
  }

  /** Online or visible again: skip the backoff, and check a connection that was silent. */
  private readonly hurry = (): void => {
    if (globalThis.document?.visibilityState === 'hidden') return;
    if (this.state.value === 'open' && Date.now() - this.heard > SILENCE_MS) void this.ping();
    if (this.state.value !== 'waiting') return;
    clearTimeout(this.retryTimer);
    void this.connect();
  };

  private async connect(which = this.preferred): Promise<void> {
    const generation = ++this.generation;
    clearTimeout(this.retryTimer);
    if (!this.socket) this.state.value = 'connecting';
    let ticket: string;
    try {
      ticket = await this.options.ticket();
    } catch {
      if (generation === this.generation) this.retryLater();
      return;
    }
    if (generation !== this.generation) return;
    const socket = this.options.carriers[which]!.open(ticket);
    socket.onopen = () => this.opening(socket, generation, which);
    socket.onmessage = (event) => this.receive(String(event.data));
    socket.onclose = () => this.closed(socket, generation, which);
    socket.onerror = null;
  }

  private opening(socket: SocketLike, generation: number, which: number): void {
    if (generation !== this.generation) {
      socket.close(1000);
      return;
    }
    const previous = this.socket;
    this.clearTimers();
    this.socket = socket;
    this.preferred = which;
    this.heard = Date.now();
    this.carrier.value = this.options.carriers[which]!.name;
    this.state.value = 'open';
    this.timers.push(setTimeout(() => (this.attempt = 0), SETTLED_MS));
    // The planned reconnect: the new connection opens before the old one closes, so no frame is missed in between.
    this.timers.push(
      setTimeout(() => {
        this.preferred = 0;
        void this.connect(0);
      }, plannedReconnectMs(this.options.random)),
    );
    this.schedulePing();
    if (previous) this.retire(previous);
    this.catchUp();
  }

  private catchUp(): void {
    for (const listener of this.openListeners) listener();
  }

  /**
   * The old connection is still read but not used for requests, then closed. Duplicates are recognized by `eventId`.
   */
  private retire(socket: SocketLike): void {
    const timer = setTimeout(() => this.drop(socket), RETIRE_MS);
    this.retired.set(socket, timer);
    socket.onclose = () => this.drop(socket);
  }

  private closed(socket: SocketLike, generation: number, which: number): void {
    const wasOpen = socket === this.socket;
    if (wasOpen) {
      this.clearTimers();
      this.socket = null;
      this.carrier.value = null;
      this.pending.rejectAll(socket);
      if (generation !== this.generation) this.state.value = 'connecting';
    }
    if (generation !== this.generation) return;
    if (!wasOpen && which + 1 < this.options.carriers.length) return void this.connect(which + 1);
    if (!wasOpen) this.preferred = 0;
    this.retryLater();
  }

  private retryLater(): void {
    if (!this.socket) this.state.value = 'waiting';
    const attempt = this.options.isUrgent?.() ? Math.min(this.attempt, 1) : this.attempt;
    const wait = backoff(attempt, this.options.random);
    this.attempt += 1;
    this.retryTimer = setTimeout(() => void this.connect(), wait);
  }

  private schedulePing(): void {
    this.timers.push(setTimeout(() => void this.ping().then(() => this.schedulePing()), PING_MS));
  }

  /** Closes an unresponsive connection without waiting for the other side. */
  private async ping(): Promise<void> {
    const socket = this.socket;
    try {
      const answer = (await this.exchange(newId(), 'ping', {}, PONG_TIMEOUT_MS)) as { resume?: boolean } | undefined;
      // The server had dropped this connection, so frames sent meanwhile did not arrive.
      if (answer?.resume) this.catchUp();
    } catch {
      if (socket && socket === this.socket) this.lose(socket);
    }
  }

  private lose(socket: SocketLike): void {
    const close = socket.onclose;
    socket.onclose = null;
    socket.close(4000, 'no pong');
    close?.(new CloseEvent('close', { code: 4000 }));
  }

  private exchange(id: string, action: string, data: object, timeoutMs: number): Promise<unknown> {
    const text = frame(id, action, data);
    if (new TextEncoder().encode(text).length > MAX_FRAME_BYTES)
      return Promise.reject(problemFrom(413, { title: 'Frame above 32 KB' }));
    if (this.state.value !== 'open' || !this.socket) return Promise.reject(networkError('not connected'));
    const answer = this.pending.add(id, this.socket, action, timeoutMs);
    this.socket.send(text);
    return answer;
  }

  private receive(text: string): void {
    const message = parse(text);
    this.heard = Date.now();
    if (!message) return;
    if (message.type === 'ack' || message.type === 'pong') this.pending.resolve(message.id, message.data);
    else if (message.type === 'error')
      this.pending.reject(message.id, problemFrom(message.error?.status ?? 500, message.error));
    else if (!message.eventId || !this.isKnown(message.eventId))
      for (const listener of this.listeners) listener(message);
  }

  private isKnown(eventId: string): boolean {
    if (this.seen.has(eventId)) return true;
    this.seen.add(eventId);
    const oldest = this.seen.values().next().value;
    if (this.seen.size > REMEMBERED_EVENTS && oldest) this.seen.delete(oldest);
    return false;
  }

  private opened(timeoutMs: number): Promise<void> {
    if (this.state.value === 'open') return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const timer = setTimeout(() => finish(), timeoutMs);
      const off = this.onOpen(() => finish());
    });
  }

  private drop(socket: SocketLike | null): void {
    if (!socket) return;
    clearTimeout(this.retired.get(socket));
    this.retired.delete(socket);
    socket.onclose = null;
    socket.close(1000);
    if (socket === this.socket) this.clearTimers();
    this.pending.rejectAll(socket);
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }
}

/** Actions with effects on others start a trace; those about this device only do not. */
const TRACED: ReadonlySet<string> = new Set(['call.accept', 'call.decline', 'call.hangup', 'call.start', 'chat.send']);

function frame(id: string, action: string, data: object): string {
  return JSON.stringify(TRACED.has(action) ? { action, id, data, trace: newTrace() } : { action, id, data });
}

function parse(text: string): Frame | null {
  try {
    const value = JSON.parse(text) as Frame;
    return typeof value === 'object' && value !== null && 'type' in value ? value : null;
  } catch {
    return null;
  }
}
