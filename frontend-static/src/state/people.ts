/** The viewer's relations to people, as loaded or changed on this page. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { graph } from '../api/graph';
import type { Author, Person, Post, Profile, Relationship } from '../api/types';
import { me, subject } from '../auth/session';
import { t } from '../i18n';
import { invalidateNotifications } from './notifications';
import { getHomeFeed, removePostsOf } from './posts';
import { offerPush } from './push-offer';
import { showError, showToast } from './toasts';

type Changes = Partial<Relationship>;

const overrides = signal<Record<string, Changes>>({});

function changeRelationship(id: string, changes: Changes): void {
  overrides.value = { ...overrides.value, [id]: { ...overrides.value[id], ...changes } };
}

/** The server's data, with later clicks applied. */
export function relationshipOf(person: Person): Relationship {
  return { ...person.relationship, ...overrides.value[person.id] };
}

export function isFollowing(person: Person): boolean {
  return relationshipOf(person).following;
}

export function isMuted(person: Author): boolean {
  const known = 'relationship' in person ? (person as Person).relationship.muting : false;
  return overrides.value[person.id]?.muting ?? known;
}

/** Fetches whether a person is muted, if unknown: authors of posts come without it. */
export async function learnMuting(person: Author): Promise<void> {
  if ('relationship' in person || overrides.peek()[person.id]?.muting !== undefined) return;
  const { muting } = (await api.user(person.id)).relationship;
  if (overrides.peek()[person.id]?.muting === undefined) changeRelationship(person.id, { muting });
}

/** The displayed number of followers: the server's, with later clicks applied. */
export function followerCountOf(person: Profile): number {
  const now = isFollowing(person);
  return Math.max(0, person.counts.followers + Number(now) - Number(person.relationship.following));
}

/** Shown at once, undone when the server refuses. For a locked account, it sends or withdraws a request. */
export async function toggleFollow(person: Person): Promise<void> {
  const before = relationshipOf(person);
  const ends = before.following || before.requested;
  changeRelationship(person.id, { following: !ends, requested: false });
  try {
    if (ends) await graph.unfollow(person.id);
    else if ((await graph.follow(person.id))?.requested) {
      changeRelationship(person.id, { following: false, requested: true });
      showToast(t('followRequest.done'));
    }
    countFollowing(Number(relationshipOf(person).following) - Number(before.following));
    if (!ends) void offerPush();
    getHomeFeed().status.value = 'idle';
  } catch (error) {
    changeRelationship(person.id, { following: before.following, requested: before.requested });
    showError(error);
  }
}

/** @throws ApiError */
export async function blockPerson(person: Author): Promise<void> {
  await graph.block(person.id);
  changeRelationship(person.id, {
    blocking: true,
    following: false,
    followedBy: false,
    requested: false,
    requestedBy: false,
  });
  removePostsOf(person.id);
  invalidateNotifications();
  showToast(t('block.blocked', person.displayName));
}

export async function unblockPerson(person: Author): Promise<void> {
  try {
    await graph.unblock(person.id);
    changeRelationship(person.id, { blocking: false });
    invalidateNotifications();
    showToast(t('block.unblocked', person.displayName));
  } catch (error) {
    showError(error);
  }
}

export async function toggleMutePerson(person: Author): Promise<void> {
  const muted = !isMuted(person);
  try {
    await (muted ? graph.mute(person.id) : graph.unmute(person.id));
    changeRelationship(person.id, { muting: muted });
    invalidateNotifications();
    if (muted) removePostsOf(person.id, ['home', 'public', 'tag:', 'list:']);
    showToast(t(muted ? 'mute.muted' : 'mute.unmuted', person.displayName));
  } catch (error) {
    showError(error);
  }
}

export async function muteThread(post: Post): Promise<void> {
  try {
    await graph.muteThread(post.id);
    invalidateNotifications();
    if (post.author.id !== subject.peek()) getHomeFeed().remove(post.id);
    showToast(t('mute.threadMuted'));
  } catch (error) {
    showError(error);
  }
}

function countFollowing(by: number): void {
  const self = me.value;
  if (typeof self !== 'object' || !self || by === 0) return;
  me.value = { ...self, counts: { ...self.counts, following: Math.max(0, self.counts.following + by) } };
}

/** A freshly loaded profile replaces local changes. */
export function resetRelationship(person: Person): void {
  const { [person.id]: _, ...rest } = overrides.value;
  overrides.value = rest;
}

export function resetPeople(): void {
  overrides.value = {};
}
