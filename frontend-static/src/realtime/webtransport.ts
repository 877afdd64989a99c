/** A carrier over WebTransport (HTTP/3): one bidirectional stream for frames in both directions. */
import { type Carrier, type SocketLike, withTicket } from './carrier';
import { encodeFrame, FrameReader } from './frames';

/** Where UDP is blocked, the browser's own timeout is long: after this time the WebSocket is used. */
const OPEN_TIMEOUT_MS = 4_000;

export interface WebTransportAddress {
  url: string;
  /** Where to fetch the hash of the server's self-signed certificate. */
  certificateUrl: string;
}

/** Null if the browser or the deployment does not support WebTransport. */
export function webTransportCarrier(address: WebTransportAddress | null | undefined): Carrier | null {
  if (!address || !('WebTransport' in globalThis)) return null;
  return { name: 'webtransport', open: (ticket) => new WebTransportSocket(address, ticket) };
}

class WebTransportSocket implements SocketLike {
  readyState: number = WebSocket.CONNECTING;
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  private transport: WebTransport | null = null;
  private writer: WritableStreamDefaultWriter<Uint8Array> | null = null;

  constructor(address: WebTransportAddress, ticket: string) {
    const timer = setTimeout(() => this.close(1006, 'not open in time'), OPEN_TIMEOUT_MS);
    void this.open(address, ticket)
      .finally(() => clearTimeout(timer))
      .then((stream) => this.read(stream))
      .then(
        () => this.ended(1006, ''),
        (error: unknown) => this.ended(1006, String(error)),
      );
  }

  send(data: string): void {
    this.writer?.write(encodeFrame(data)).catch((error: unknown) => this.ended(1006, String(error)));
  }

  close(code = 1000, reason = ''): void {
    try {
      this.transport?.close({ closeCode: code, reason });
    } catch {
      // It never opened.
    }
    this.ended(code, reason);
  }

  private async open(address: WebTransportAddress, ticket: string): Promise<ReadableStream<Uint8Array>> {
    const value = await certificateHash(address.certificateUrl);
    if (this.readyState === WebSocket.CLOSED) throw new Error('closed while connecting');
    const transport = new WebTransport(withTicket(address.url, ticket), {
      serverCertificateHashes: [{ algorithm: 'sha-256', value }],
      congestionControl: 'low-latency',
    });
    this.transport = transport;
    transport.closed.then(
      ({ closeCode = 1006, reason = '' }) => this.ended(closeCode, reason),
      (error: unknown) => this.ended(1006, String(error)),
    );
    await transport.ready;
    const stream = await transport.createBidirectionalStream();
    this.writer = (stream.writable as WritableStream<Uint8Array>).getWriter();
    // The server learns of a stream only from its first data, so send an empty frame.
    await this.writer.write(encodeFrame(''));
    this.readyState = WebSocket.OPEN;
    this.onopen?.(new Event('open'));
    return stream.readable as ReadableStream<Uint8Array>;
  }

  private async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    const frames = new FrameReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const data of frames.push(next.value)) this.onmessage?.(new MessageEvent('message', { data }));
    }
  }

  private ended(code: number, reason: string): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.onclose?.(new CloseEvent('close', { code, reason }));
  }
}

async function certificateHash(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url}: expected 200, got ${response.status}`);
  const { value } = (await response.json()) as { value: string };
  return Uint8Array.from(atob(value), (character) => character.charCodeAt(0)).buffer;
}
