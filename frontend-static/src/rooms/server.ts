/** The server operations of a room: participants, and signals between two pages. */
import type { Room, RoomMember, RoomSignalEvent } from '../api/types';
import type { Line } from '../calls/lines';
import type { Signal } from '../calls/peer';

/** Access for this page to publish and watch: `url` of WHIP and WHEP, and a token for both. */
export interface MediaTicket {
  url: string;
  token: string;
  expiresAt: string;
}

/** The call at the time of joining; the ticket authorizes the page at the media server, if the call uses one. */
export interface RoomView {
  room: Room;
  ticket: MediaTicket | null;
}

export interface RoomServer {
  /** The id of this page. */
  readonly session: string;
  /** @throws ApiError */
  join(takeOver: boolean): Promise<RoomView>;
  /** A heartbeat. @throws ApiError `not-in-call`: this page was silent for too long */
  here(muted: boolean, sends: readonly Line[]): Promise<RoomView>;
  leave(): void;
  send(to: Pick<RoomMember, 'userId' | 'session' | 'joinedAt'>, signal: Signal): void;
  /** Subscribes until the returned function is called; `onOpen`: a connection to the server was opened again. */
  listen(listener: {
    onRoom: (room: Room) => void;
    onSignal: (signal: RoomSignalEvent) => void;
    onOpen: () => void;
  }): () => void;
}
