/** How one stands to people, as far as this page has seen or changed it. */
import { signal } from '@preact/signals';
import { graph } from '../api/graph';
import type { Author, Person, Post, Profile, Relationship } from '../api/types';
import { me, subject } from '../auth/session';
import { t } from '../i18n';
import { notificationsChanged } from './notifications';
import { forgetPostsOf, homeFeed } from './posts';
import { offerPush } from './push-offer';
import { toast, toastError } from './toasts';

type Changes = Partial<Relationship>;

const overrides = signal<Record<string, Changes>>({});

function change(id: string, changes: Changes): void {
  overrides.value = { ...overrides.value, [id]: { ...overrides.value[id], ...changes } };
}

/** The server's word, corrected by what was clicked since. */
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

/** Followers to show: the server's number, corrected by what was clicked since. */
export function followerCount(person: Profile): number {
  const now = isFollowing(person);
  return Math.max(0, person.counts.followers + Number(now) - Number(person.relationship.following));
}

/** Shown at once, taken back when the server refuses. A locked account is asked, a request taken back. */
export async function toggleFollow(person: Person): Promise<void> {
  const before = relationshipOf(person);
  const ends = before.following || before.requested;
  change(person.id, { following: !ends, requested: false });
  try {
    if (ends) await graph.unfollow(person.id);
    else if ((await graph.follow(person.id))?.requested) {
      change(person.id, { following: false, requested: true });
      toast(t('followRequest.done'));
    }
    countFollowing(Number(relationshipOf(person).following) - Number(before.following));
    if (!ends) void offerPush();
    homeFeed().status.value = 'idle';
  } catch (error) {
    change(person.id, { following: before.following, requested: before.requested });
    toastError(error);
  }
}

/** @throws ApiError */
export async function block(person: Author): Promise<void> {
  await graph.block(person.id);
  change(person.id, { blocking: true, following: false, followedBy: false, requested: false, requestedBy: false });
  forgetPostsOf(person.id);
  notificationsChanged();
  toast(t('block.blocked', person.displayName));
}

export async function unblock(person: Author): Promise<void> {
  try {
    await graph.unblock(person.id);
    change(person.id, { blocking: false });
    notificationsChanged();
    toast(t('block.unblocked', person.displayName));
  } catch (error) {
    toastError(error);
  }
}

export async function toggleMute(person: Author): Promise<void> {
  const muted = !isMuted(person);
  try {
    await (muted ? graph.mute(person.id) : graph.unmute(person.id));
    change(person.id, { muting: muted });
    notificationsChanged();
    if (muted) forgetPostsOf(person.id, ['home', 'public', 'tag:', 'list:']);
    toast(t(muted ? 'mute.muted' : 'mute.unmuted', person.displayName));
  } catch (error) {
    toastError(error);
  }
}

export async function muteThread(post: Post): Promise<void> {
  try {
    await graph.muteThread(post.id);
    notificationsChanged();
    if (post.author.id !== subject.peek()) homeFeed().remove(post.id);
    toast(t('mute.threadMuted'));
  } catch (error) {
    toastError(error);
  }
}

function countFollowing(by: number): void {
  const self = me.value;
  if (typeof self !== 'object' || !self || by === 0) return;
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
