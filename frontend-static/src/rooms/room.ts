/**
 * The port of group calls: modules above it do not depend on the media path. `GroupRoom` implements it, over a mesh or
 * a media server (`media.ts`).
 */
import type { RoomMember, Room as RoomState } from '../api/types';
import type { Tracks } from '../calls/lines';
import type { PeerState } from '../calls/peer';

/** The reason why this page left the room. */
export type RoomEnd = 'elsewhere' | 'removed' | 'full' | 'lost';

/** Frames of a room may overtake each other. */
export function isOlder(room: RoomState, known: RoomState): boolean {
  return room.id === known.id ? room.revision < known.revision : room.createdAt < known.createdAt;
}

export interface RoomEvents {
  /** The current participants, including this page. */
  onMembers: (members: readonly RoomMember[]) => void;
  /** The tracks received from another page (a session). */
  onReceived: (session: string, tracks: Tracks) => void;
  onState: (session: string, state: PeerState) => void;
  onEnd: (why: RoomEnd) => void;
}

export interface Room {
  /** @throws ApiError */
  join(takeOver?: boolean): Promise<void>;
  /** Idempotent. */
  leave(): void;
  /** The tracks that this page sends from now on. */
  publish(tracks: Tracks): void;
  /** Whether to receive others' video. */
  subscribe(wants: { pictures: boolean }): void;
  /** Tells the others whether your microphone is muted. The caller mutes the track. */
  mute(muted: boolean): void;
  /** A participant's loudness since the last reading, from 0 to 1. */
  level(session: string): Promise<number>;
}
