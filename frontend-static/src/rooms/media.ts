/**
 * How media get from this page to the others and back. The port of both adapters: `MeshMedia` connects each browser with
 * each other one, `SfuMedia` all of them with a media server. Who takes part is the business of `GroupRoom`.
 */
import type { IceServers, RoomMember, RoomSignalEvent } from '../api/types';
import type { Tracks } from '../calls/lines';
import type { RoomEvents } from './room';
import type { MediaTicket, RoomServer } from './server';

export interface RoomMedia {
  /** Who takes part besides this page; `isBack`: this page was gone, and so is what it had with the others. */
  follow(others: readonly RoomMember[], isBack: boolean): void;
  /** What another page says to this one. */
  receive(signal: RoomSignalEvent): void;
  /** What lets this page in; comes again and again, each time with a newer token. */
  admit(ticket: MediaTicket | null): void;
  /** Something else is to be sent now, or pictures are wanted, or no longer. */
  update(): void;
  /** How loud somebody was since this was last asked, from 0 to 1. */
  level(session: string): Promise<number>;
  close(): void;
}

export interface MediaOptions {
  /** The id of this call. */
  room: string;
  server: RoomServer;
  servers: IceServers;
  sent: () => Tracks;
  wantsPictures: () => boolean;
  /** What each connection gets beside its media: renewal of credentials, reports of how it goes. */
  onConnection?: (connection: RTCPeerConnection, servers: IceServers) => void;
  events: Pick<RoomEvents, 'onReceived' | 'onState'>;
}
