/** Requests over a connection that are waiting for an answer. */
import { type ApiError, networkError } from '../api/problem';
import type { SocketLike } from './carrier';

interface Pending {
  socket: SocketLike;
  resolve(value: unknown): void;
  reject(error: ApiError): void;
}

export class PendingRequests {
  private readonly pending = new Map<string, Pending>();

  /** Resolves with the answer; rejects after a timeout. */
  add(id: string, socket: SocketLike, action: string, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.reject(id, networkError(`no answer to ${action}`)), timeoutMs);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.pending.set(id, { socket, resolve: settled(resolve), reject: settled(reject) });
    });
  }

  resolve(id: string, value: unknown): void {
    this.take(id)?.resolve(value);
  }

  reject(id: string, error: ApiError): void {
    this.take(id)?.reject(error);
  }

  /** The connection is closed: rejects all pending requests. */
  rejectAll(socket: SocketLike): void {
    for (const [id, pending] of [...this.pending])
      if (pending.socket === socket) this.reject(id, networkError('connection closed'));
  }

  private take(id: string): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}
