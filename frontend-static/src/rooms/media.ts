/**
 * The port for a group call's media, with two adapters: `MeshMedia` connects each pair of browsers, `SfuMedia` connects
 * every browser to a media server. `GroupRoom` manages the participants.
 */
import type { IceServers, RoomMember, RoomSignalEvent } from '../api/types';
import type { Tracks } from '../calls/lines';
import type { RoomEvents } from './room';
import type { MediaTicket, RoomServer } from './server';

export interface RoomMedia {
  /** The other participants; `isBack`: this page had been removed, so its connections are gone. */
  follow(others: readonly RoomMember[], isBack: boolean): void;
  /** A signal from another page. */
  receive(signal: RoomSignalEvent): void;
  /** This page's token, renewed repeatedly. */
  admit(ticket: MediaTicket | null): void;
  /** The tracks to send changed, or whether video is wanted. */
  update(): void;
  /** A participant's loudness since the last reading, from 0 to 1. */
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
  /** Called for each connection: it renews credentials and reports quality. */
  onConnection?: (connection: RTCPeerConnection, servers: IceServers) => void;
  events: Pick<RoomEvents, 'onReceived' | 'onState'>;
}
