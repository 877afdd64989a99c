/** Who is here. The only way to the auth library, which it loads when it is needed. */
import { computed, signal } from '@preact/signals';
import { api } from '../api';
import { useTokens } from '../api/client';
import { ApiError, networkError } from '../api/problem';
import type { Profile } from '../api/types';
import { config } from '../config';

export type SessionState = 'loading' | 'out' | 'in';

export const session = signal<SessionState>('loading');
/** null until loaded; 'missing' before the person chose a handle. */
export const me = signal<Profile | 'missing' | null>(null);
export const groups = signal<string[]>([]);
export const email = signal('');
export const subject = signal('');

export const profile = computed<Profile | null>(() => (typeof me.value === 'object' ? me.value : null));
export const isModerator = computed(() =>
  groups.value.some((group) => group === 'moderators' || group === 'administrators'),
);
export const isOperator = computed(() =>
  groups.value.some((group) => group === 'developers' || group === 'administrators'),
);

export const auth = () => import('./amplify');

/** The library keeps its session under these names; looking there saves loading it for visitors. */
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

/** No answer says nothing about the session; only a refusal ends it. */
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

export async function startSession(): Promise<void> {
  useTokens({ accessToken, expired: () => void end('expired') });
  addEventListener('online', () => void recover());
  if (!hasStoredSession()) session.value = 'out';
  else await enterSession().catch((error: unknown) => (isOutOfReach(error) ? stayIn() : end('expired')));
}

/** Somebody with a session but no network: the shell is theirs; the rest comes when the network does. */
function stayIn(): void {
  session.value = 'in';
  recoverLater();
}

const RECOVER_MS = 5_000;

function recoverLater(): void {
  setTimeout(() => void recover(), RECOVER_MS);
}

async function recover(): Promise<void> {
  if (session.value !== 'in' || me.value !== null) return;
  await enterSession().catch(recoverLater);
}

/** After sign-in: reads the tokens, then the profile. A failing API leaves the person signed in. */
export async function enterSession(): Promise<void> {
  const found = await (await auth()).tokens(false);
  if (!found) {
    session.value = 'out';
    return;
  }
  subject.value = found.subject;
  groups.value = found.groups;
  email.value = found.email;
  session.value = 'in';
  await loadMe().catch(recoverLater);
  for (const listener of enterListeners) listener();
}

/** @throws ApiError unless the profile is there or is known to be missing. */
export async function loadMe(): Promise<void> {
  try {
    me.value = await api.me();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    me.value = 'missing';
  }
}

export const signOutReason = signal<'expired' | null>(null);

async function end(reason: 'expired' | null): Promise<void> {
  if (session.value === 'out') return;
  session.value = 'out';
  me.value = null;
  groups.value = [];
  signOutReason.value = reason;
  for (const listener of leaveListeners) listener();
  await (await auth()).signOutOfCognito(false).catch(() => undefined);
}

export async function signOut(everywhere: boolean): Promise<void> {
  await (await auth()).signOutOfCognito(everywhere);
  await end(null);
}
