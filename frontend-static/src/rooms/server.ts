/** What a room needs of the server: who takes part, and signals between two pages. */
import type { Room, RoomSignalEvent } from '../api/types';
import type { Line } from '../calls/lines';
import type { Signal } from '../calls/peer';

/** What lets this page publish and watch: `url` of WHIP and WHEP, and a token for both. */
export interface MediaTicket {
  url: string;
  token: string;
  expiresAt: string;
}

/** The call as this page finds it; the ticket lets it into the media server, where the call goes through one. */
export interface RoomView {
  room: Room;
  ticket: MediaTicket | null;
}

export interface RoomServer {
  /** The name of this page. */
  readonly session: string;
  /** @throws ApiError */
  join(takeOver: boolean): Promise<RoomView>;
  /** A sign of life. @throws ApiError `not-in-call`: this page was gone for too long */
  here(muted: boolean, sends: readonly Line[]): Promise<RoomView>;
  leave(): void;
  send(to: { userId: string; session: string }, signal: Signal): void;
  /** Until what it answers is called; `onOpen`: a connection to the server was made again. */
  listen(listener: {
    onRoom: (room: Room) => void;
    onSignal: (signal: RoomSignalEvent) => void;
    onOpen: () => void;
  }): () => void;
}
