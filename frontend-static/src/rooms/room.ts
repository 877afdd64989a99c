/**
 * The port of group calls: nothing above it knows how media get from one to the others. `GroupRoom` keeps
 * it, by a mesh or by a media server (`media.ts`).
 */
import type { RoomMember } from '../api/types';
import type { Tracks } from '../calls/lines';
import type { PeerState } from '../calls/peer';

/** Why this page is no longer in the room. */
export type RoomEnd = 'elsewhere' | 'removed' | 'full' | 'lost';

export interface RoomEvents {
  /** Who takes part now, this page too. */
  onMembers: (members: readonly RoomMember[]) => void;
  /** What another page (a session) sends. */
  onReceived: (session: string, tracks: Tracks) => void;
  onState: (session: string, state: PeerState) => void;
  onEnd: (why: RoomEnd) => void;
}

export interface Room {
  /** @throws ApiError */
  join(takeOver?: boolean): Promise<void>;
  /** Doing it twice changes nothing. */
  leave(): void;
  /** Everything that this page sends from now on. */
  publish(tracks: Tracks): void;
  /** Whether pictures of the others are wanted. */
  subscribe(wants: { pictures: boolean }): void;
  /** Tells the others whether your microphone is off. The caller silences the track. */
  mute(muted: boolean): void;
  /** How loud somebody was since this was last asked, from 0 to 1. */
  level(session: string): Promise<number>;
}
