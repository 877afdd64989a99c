/** Requests over a connection that wait for their answer. */
import { type ApiError, networkError } from '../api/problem';
import type { SocketLike } from './carrier';

interface Pending {
  socket: SocketLike;
  resolve(value: unknown): void;
  reject(error: ApiError): void;
}

export class PendingRequests {
  private readonly pending = new Map<string, Pending>();

  /** Settles with the answer, or when that takes too long. */
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

  /** The connection is gone: no answer comes by it. */
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
