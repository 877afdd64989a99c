/** The session. Only this module uses the auth library, which it loads when needed. */
import { computed, signal } from '@preact/signals';
import { api } from '../api';
import { useTokens } from '../api/client';
import { account } from '../api/moderation';
import { networkError } from '../api/problem';
import type { Author, Profile } from '../api/types';
import { config } from '../config';
import { forget, keep, kept } from '../lib/kept';
import { keepUnsent } from '../state/unsent';

export type SessionState = 'loading' | 'out' | 'in';

export const session = signal<SessionState>('loading');
/** null until loaded; 'missing' until the person has chosen a handle. */
export const me = signal<Profile | 'missing' | null>(null);
/** Whether the server confirmed `me` during this visit: without a network, `me` is this browser's copy. */
let isMeFresh = false;
export const groups = signal<string[]>([]);
export const email = signal('');
export const subject = signal('');

export const profile = computed<Profile | null>(() => (typeof me.value === 'object' ? me.value : null));

/** Stores the viewer's profile as the server last returned it, also for the next visit. */
export function setMe(found: Profile): void {
  me.value = found;
  keep('me', found);
}

/** The viewer's current name and picture in place of those in `person`, which may be older; others are unchanged. */
export function upToDate<Of extends Pick<Author, 'id'>>(person: Of): Of {
  const self = profile.value;
  if (!self || self.id !== person.id) return person;
  const { handle, displayName, avatarUrl } = self;
  return { ...person, handle, displayName, avatarUrl };
}

export const isModerator = computed(() =>
  groups.value.some((group) => group === 'moderators' || group === 'administrators'),
);
export const isOperator = computed(() =>
  groups.value.some((group) => group === 'developers' || group === 'administrators'),
);

export const auth = () => import('./amplify');

/** The library stores its session under these names; checking them avoids loading the library for visitors. */
function hasStoredSession(): boolean {
  try {
    return localStorage.getItem(`CognitoIdentityServiceProvider.${config().cognito.clientId}.LastAuthUser`) !== null;
  } catch {
    return false;
  }
}

async function accessToken(options: { forceRefresh?: boolean } = {}): Promise<string | null> {
  if (session.value === 'out') return null;
  try {
    return (await (await auth()).tokens(options.forceRefresh ?? false))?.accessToken ?? null;
  } catch (error) {
    if (isOutOfReach(error)) throw networkError(error);
    return null;
  }
}

/** A missing answer leaves the session as it is; only a refusal ends it. */
function isOutOfReach(error: unknown): boolean {
  return !navigator.onLine || (error instanceof Error && /NetworkError|TypeError|TimeoutError/.test(error.name));
}

const leaveListeners = new Set<() => void>();
const enterListeners = new Set<() => void>();

export function onSignOut(listener: () => void): void {
  leaveListeners.add(listener);
}

export function onSignIn(listener: () => void): void {
  enterListeners.add(listener);
}

/** The browser's tabs share the session: signing out in one tab signs out all, and ends a call in another tab. */
let tabs: BroadcastChannel | null = null;

export async function startSession(): Promise<void> {
  tabs ??= new BroadcastChannel('asyncsns.session');
  tabs.onmessage = () => void end(null);
  useTokens({ accessToken, expired: () => void end('expired') });
  addEventListener('online', () => void recover());
  if (!hasStoredSession()) session.value = 'out';
  else await enterSession().catch((error: unknown) => (isOutOfReach(error) ? stayIn() : end('expired')));
}

/** A session without a network: the shell is shown, the rest follows when the network returns. */
function stayIn(): void {
  me.value ??= kept<Profile>('me');
  session.value = 'in';
  recoverLater();
}

const RECOVER_MS = 5_000;

function recoverLater(): void {
  setTimeout(() => void recover(), RECOVER_MS);
}

async function recover(): Promise<void> {
  if (session.value !== 'in' || isMeFresh) return;
  await enterSession().catch(recoverLater);
}

/** After sign-in: reads the tokens, then the profile. If the API fails, the person remains signed in. */
export async function enterSession(): Promise<void> {
  const found = await (await auth()).tokens(false);
  // The session can't be refreshed: it is revoked, expired, or damaged.
  if (!found) return end('expired');
  subject.value = found.subject;
  groups.value = found.groups;
  email.value = found.email;
  // The browser's copy of the profile is shown at once, then replaced by the server's answer.
  const known = kept<Profile>('me');
  if (known?.id === found.subject) me.value ??= known;
  session.value = 'in';
  await loadMe().catch(recoverLater);
  for (const listener of enterListeners) listener();
}

/** @throws ApiError unless the profile exists or is known to be missing. */
export async function loadMe(): Promise<void> {
  const found = await api.me();
  if (found) setMe(found);
  else me.value = 'missing';
  isMeFresh = true;
}

/** After a change of the account's address: fetches new tokens, which contain it. */
export async function refreshEmail(): Promise<void> {
  const found = await (await auth()).tokens(true);
  if (found) email.value = found.email;
}

export const signOutReason = signal<'expired' | null>(null);

/** Stored data that belong to a session and are removed with it. */
const KEPT = ['me', 'home'];

async function end(reason: 'expired' | null): Promise<void> {
  if (session.value === 'out') return;
  if (reason === 'expired') keepUnsent(subject.value);
  forget(...KEPT);
  session.value = 'out';
  me.value = null;
  isMeFresh = false;
  groups.value = [];
  signOutReason.value = reason;
  for (const listener of leaveListeners) listener();
  await (await auth()).signOutOfCognito(false).catch(() => undefined);
}

/**
 * `everywhere`: the API ends all sessions and their connections; if it is unreachable, Cognito revokes the tokens only.
 */
export async function signOut(everywhere: boolean): Promise<void> {
  if (everywhere) await account.signOut().catch(() => undefined);
  await (await auth()).signOutOfCognito(everywhere);
  tabs?.postMessage('signed out');
  await end(null);
}
