import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../src/api/problem';
import { backoff, CAP_MS, plannedReconnectMs } from '../src/realtime/backoff';
import type { Carrier, SocketLike } from '../src/realtime/carrier';
import { PING_MS, RETIRE_MS, ReconnectingTransport } from '../src/realtime/reconnecting';

class FakeSocket implements SocketLike {
  readyState = 0;
  sent: { action: string; id: string; data: unknown }[] = [];
  closed: number | null = null;
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;

  constructor(readonly url: string) {}

  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }

  say(frame: object): void {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  lose(): void {
    this.readyState = 3;
    this.onclose?.(new CloseEvent('close', { code: 1006 }));
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as (typeof this.sent)[0]);
  }

  close(code = 1000): void {
    this.closed = code;
    this.lose();
  }
}

function build(names: Carrier['name'][] = ['websocket'], isUrgent = () => false) {
  const sockets: FakeSocket[] = [];
  let tickets = 0;
  const transport = new ReconnectingTransport({
    carriers: names.map((name) => ({
      name,
      open: (ticket) => {
        const socket = new FakeSocket(`${name}:${ticket}`);
        sockets.push(socket);
        return socket;
      },
    })),
    ticket: () => Promise.resolve(`t${++tickets}`),
    random: () => 0.5,
    isUrgent,
  });
  return { transport, sockets };
}

const event = { type: 'notification.unread', eventId: 'e1', at: '', data: { unread: 1 } };

async function opened() {
  const { transport, sockets } = build();
  transport.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]!.open();
  return { transport, sockets, socket: sockets[0]! };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('ReconnectingTransport', () => {
  it('connects with a new ticket for each attempt', async () => {
    const { transport, sockets, socket } = await opened();
    expect(socket.url).toBe('websocket:t1');
    expect(transport.state.value).toBe('open');
    socket.lose();
    expect(transport.state.value).toBe('waiting');
    await vi.advanceTimersByTimeAsync(backoff(0, () => 0.5));
    expect(sockets[1]!.url).toBe('websocket:t2');
  });

  it.each([
    [true, 1000],
    [false, backoff(4, () => 0.5)],
  ])('tries again sooner while it is urgent (%s)', async (urgent, ms) => {
    const { transport, sockets } = build(['websocket'], () => urgent);
    transport.start();
    for (let attempt = 0; attempt < 5; attempt++) {
      await vi.advanceTimersByTimeAsync(attempt === 0 ? 0 : CAP_MS);
      expect(sockets).toHaveLength(attempt + 1);
      sockets[attempt]!.lose();
    }
    await vi.advanceTimersByTimeAsync(urgent ? 500 : ms - 1);
    expect(sockets).toHaveLength(urgent ? 6 : 5);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(6);
  });

  it('resolves a request by the id of its ack', async () => {
    const { transport, socket } = await opened();
    const first = transport.request('chat.send', { text: 'a' });
    const second = transport.request('chat.send', { text: 'b' });
    socket.say({ type: 'ack', id: socket.sent[1]!.id, data: { seq: 2 } });
    socket.say({ type: 'ack', id: socket.sent[0]!.id, data: { seq: 1 } });
    await expect(first).resolves.toEqual({ seq: 1 });
    await expect(second).resolves.toEqual({ seq: 2 });
  });

  it('turns an error frame into an ApiError with its problem', async () => {
    const { transport, socket } = await opened();
    const answer = transport.request('chat.send', {});
    socket.say({
      type: 'error',
      id: socket.sent[0]!.id,
      error: { type: 'forbidden', title: 'Forbidden', status: 403 },
    });
    await expect(answer).rejects.toMatchObject({ slug: 'forbidden', status: 403 });
  });

  it('times out and retries with the same id', async () => {
    const { transport, sockets, socket } = await opened();
    const answer = transport.request('chat.send', {}, { timeoutMs: 1000, retries: 1 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.sent).toHaveLength(2);
    expect(socket.sent[1]!.id).toBe(socket.sent[0]!.id);
    socket.lose();
    await expect(answer).rejects.toBeInstanceOf(ApiError);
    expect(sockets.length).toBeGreaterThan(0);
  });

  it('refuses frames above 32 KB before they are sent', async () => {
    const { transport, socket } = await opened();
    await expect(transport.request('chat.send', { text: 'あ'.repeat(11_000) })).rejects.toMatchObject({ status: 413 });
    expect(socket.sent).toHaveLength(0);
  });

  it('delivers a repeated event once', async () => {
    const { transport, socket } = await opened();
    const heard: string[] = [];
    transport.onEvent((event) => heard.push(event.eventId));
    socket.say(event);
    socket.say(event);
    expect(heard).toEqual(['e1']);
  });

  it('closes a connection without a pong', async () => {
    const { socket } = await opened();
    await vi.advanceTimersByTimeAsync(PING_MS);
    expect(socket.sent.at(-1)!.action).toBe('ping');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.closed).toBe(4000);
  });

  it('keeps pinging while pongs arrive', async () => {
    const { socket } = await opened();
    for (let round = 1; round <= 3; round += 1) {
      await vi.advanceTimersByTimeAsync(PING_MS);
      expect(socket.sent).toHaveLength(round);
      socket.say({ type: 'pong', id: socket.sent.at(-1)!.id });
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(socket.closed).toBeNull();
  });

  it('opens a new connection before it closes the one that is nearly two hours old', async () => {
    const { transport, sockets, socket } = await opened();
    const keepAlive = setInterval(() => {
      const last = socket.sent.at(-1);
      if (last) socket.say({ type: 'pong', id: last.id });
    }, 1000);
    await vi.advanceTimersByTimeAsync(plannedReconnectMs(() => 0.5));
    clearInterval(keepAlive);
    expect(sockets).toHaveLength(2);
    expect(socket.closed).toBeNull();
    expect(transport.state.value).toBe('open');
    // The old connection still receives its acks, duplicates are delivered once, and it is closed a little later.
    const heard: string[] = [];
    transport.onEvent((one) => heard.push(one.eventId));
    const answer = transport.request('chat.send', {});
    const asked = socket.sent.at(-1)!;
    sockets[1]!.open();
    expect(transport.state.value).toBe('open');
    for (const one of [socket, sockets[1]!]) one.say(event);
    expect(heard).toEqual(['e1']);
    socket.say({ type: 'ack', id: asked.id, data: { seq: 1 } });
    await expect(answer).resolves.toEqual({ seq: 1 });
    expect(socket.closed).toBeNull();
    await vi.advanceTimersByTimeAsync(RETIRE_MS);
    expect(socket.closed).toBe(1000);
    expect(transport.state.value).toBe('open');
    expect(sockets).toHaveLength(2);
  });

  it('pings a silent connection when the page is shown again, and closes it without a pong', async () => {
    const { transport, sockets, socket } = await opened();
    await vi.advanceTimersByTimeAsync(60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(socket.sent.at(-1)!.action).toBe('ping');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.closed).toBe(4000);
    expect(transport.state.value).toBe('waiting');
    // Online again: the backoff is skipped.
    globalThis.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
  });

  it('catches up when a pong asks it to resume', async () => {
    const { transport, socket } = await opened();
    let caughtUp = 0;
    transport.onOpen(() => (caughtUp += 1));
    await vi.advanceTimersByTimeAsync(PING_MS);
    socket.say({ type: 'pong', id: socket.sent.at(-1)!.id, data: { resume: true } });
    await vi.advanceTimersByTimeAsync(0);
    expect(caughtUp).toBe(1);
  });

  it('waits longer for a server that accepts and closes connections', async () => {
    const { sockets, socket } = await opened();
    socket.lose();
    await vi.advanceTimersByTimeAsync(backoff(0, () => 0.5));
    sockets[1]!.open();
    sockets[1]!.lose();
    await vi.advanceTimersByTimeAsync(backoff(0, () => 0.5));
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(backoff(1, () => 0.5));
    expect(sockets).toHaveLength(3);
  });

  it('falls back to the next carrier immediately with a new ticket when the first does not open', async () => {
    const { transport, sockets } = build(['webtransport', 'websocket']);
    transport.start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.lose();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.map((socket) => socket.url)).toEqual(['webtransport:t1', 'websocket:t2']);
    sockets[1]!.open();
    expect(transport.carrier.value).toBe('websocket');
    // It stays with the working carrier until that fails too.
    sockets[1]!.lose();
    await vi.advanceTimersByTimeAsync(backoff(0, () => 0.5));
    expect(sockets[2]!.url).toBe('websocket:t3');
    sockets[2]!.lose();
    await vi.advanceTimersByTimeAsync(backoff(1, () => 0.5));
    expect(sockets[3]!.url).toBe('webtransport:t4');
  });

  it('does not reconnect after a stop', async () => {
    const { transport, sockets } = await opened();
    transport.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
    expect(transport.state.value).toBe('stopped');
  });
});

describe('waiting times before a reconnect', () => {
  it('grow with jitter up to a cap', () => {
    expect(backoff(0, () => 1)).toBe(500);
    expect(backoff(3, () => 1)).toBe(4000);
    expect(backoff(20, () => 1)).toBe(CAP_MS);
    expect(backoff(5, () => 0)).toBe(0);
  });

  it('plan the reconnect within two hours', () => {
    expect(plannedReconnectMs(() => 0)).toBeGreaterThan(60 * 60_000);
    expect(plannedReconnectMs(() => 1)).toBeLessThan(120 * 60_000);
  });
});
