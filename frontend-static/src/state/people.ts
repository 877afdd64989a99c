/** Whom one follows, as far as this page has seen or changed it. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { Person, Profile } from '../api/types';
import { me } from '../auth/session';
import { homeFeed } from './posts';
import { offerPush } from './push-offer';
import { toastError } from './toasts';

const overrides = signal<Record<string, boolean>>({});

export function isFollowing(person: Person): boolean {
  return overrides.value[person.id] ?? person.relationship.following;
}

/** Followers to show: the server's number, corrected by what was clicked since. */
export function followerCount(person: Profile): number {
  const now = isFollowing(person);
  return Math.max(0, person.counts.followers + Number(now) - Number(person.relationship.following));
}

/** Shown at once, taken back when the server refuses. */
export async function toggleFollow(person: Person): Promise<void> {
  const next = !isFollowing(person);
  overrides.value = { ...overrides.value, [person.id]: next };
  try {
    await (next ? api.follow(person.id) : api.unfollow(person.id));
    if (next) void offerPush();
    countFollowing(next ? 1 : -1);
    homeFeed().status.value = 'idle';
  } catch (error) {
    overrides.value = { ...overrides.value, [person.id]: !next };
    toastError(error);
  }
}

function countFollowing(by: number): void {
  const self = me.value;
  if (typeof self !== 'object' || !self) return;
  me.value = { ...self, counts: { ...self.counts, following: Math.max(0, self.counts.following + by) } };
}

/** A freshly loaded profile is the truth again. */
export function learn(person: Person): void {
  const { [person.id]: _, ...rest } = overrides.value;
  overrides.value = rest;
}

export function resetPeople(): void {
  overrides.value = {};
}
