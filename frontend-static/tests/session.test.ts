import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onSignOut, session, signOut, startSession } from '../src/auth/session';
import { loadConfig } from '../src/config';

const signOutOfCognito = vi.hoisted(() => vi.fn(async () => undefined));
vi.mock('../src/auth/amplify', () => ({ signOutOfCognito }));

const left = vi.fn();
onSignOut(left);
let other: BroadcastChannel;

beforeEach(async () => {
  vi.stubGlobal('fetch', async () => Response.json({ cognito: { clientId: 'client' } }));
  await loadConfig();
  await startSession();
  session.value = 'in';
  left.mockReset();
  other = new BroadcastChannel('asyncsns.session');
});
afterEach(() => {
  other.close();
  vi.unstubAllGlobals();
});

describe('signing out', () => {
  it('in another tab ends the session of this one', async () => {
    other.postMessage('signed out');
    await vi.waitFor(() => expect(session.value).toBe('out'));
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('in this tab notifies the other tabs', async () => {
    const heard = vi.fn();
    other.onmessage = heard;
    await signOut(false);
    expect(session.value).toBe('out');
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    expect(left).toHaveBeenCalledTimes(1);
  });
});
