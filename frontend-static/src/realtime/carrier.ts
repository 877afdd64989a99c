/** The connection that carries frames as text messages. A WebSocket implements it unchanged. */

export interface SocketLike {
  readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type CarrierName = 'websocket' | 'webtransport';

export interface Carrier {
  readonly name: CarrierName;
  open(ticket: string): SocketLike;
}

export function webSocketCarrier(url: string): Carrier {
  return { name: 'websocket', open: (ticket) => new WebSocket(withTicket(url, ticket)) };
}

export function withTicket(url: string, ticket: string): string {
  return `${url}?ticket=${encodeURIComponent(ticket)}`;
}
