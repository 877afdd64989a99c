import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { subject } from '../src/auth/session';
import { fetchIceServers, iceServers, renewIceServers } from '../src/state/call-ice';
import { connectionOf, FakeConnection } from './fake-connection';

const HOUR = 3_600_000;
const asked = vi.spyOn(api, 'iceServers');

class Configured extends FakeConnection {
  configuration: RTCConfiguration = { iceServers: [], iceTransportPolicy: 'relay' };
  getConfiguration = () => this.configuration;
  setConfiguration = (next: RTCConfiguration): void => {
    this.configuration = next;
  };
}

const servers = (name: string) => ({
  iceServers: [{ urls: ['turn:t'], username: name, credential: 'c' }],
  expiresAt: new Date(Date.now() + HOUR).toISOString(),
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  asked.mockReset();
});

describe('the ICE servers of a call', () => {
  it('are renewed each time before their credentials expire', async () => {
    const connection = new Configured();
    asked.mockImplementation(async () => servers(`from ${Date.now()}`));
    renewIceServers(connectionOf(connection), servers('first'));
    await vi.advanceTimersByTimeAsync(0.7 * HOUR);
    expect(asked).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(0.1 * HOUR);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(connection.configuration).toMatchObject({
      iceTransportPolicy: 'relay',
      iceServers: [{ username: expect.stringMatching(/^from/) }],
    });
    await vi.advanceTimersByTimeAsync(0.75 * HOUR);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('are requested again after a failure, until the call is over', async () => {
    const connection = new Configured();
    asked.mockRejectedValueOnce(new Error('offline')).mockImplementation(async () => servers('second'));
    renewIceServers(connectionOf(connection), servers('first'));
    await vi.advanceTimersByTimeAsync(0.8 * HOUR);
    expect(connection.configuration.iceServers).toEqual([]);
    await vi.advanceTimersByTimeAsync(0.25 * HOUR);
    expect(connection.configuration.iceServers).toMatchObject([{ username: 'second' }]);
    connection.close();
    const before = asked.mock.calls.length;
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(asked).toHaveBeenCalledTimes(before);
  });

  it('are cached for a few minutes, separately for each account', async () => {
    asked.mockImplementation(async () => servers(`of ${subject.peek()}`));
    const username = async () => (await iceServers()).iceServers[0]?.username;
    subject.value = 'mio';
    expect([await username(), await username()]).toEqual(['of mio', 'of mio']);
    expect(asked).toHaveBeenCalledTimes(1);
    subject.value = 'tom';
    expect(await username()).toBe('of tom');
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    await username();
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('are requested again for the next call after a failure', async () => {
    subject.value = 'ivo';
    asked.mockRejectedValueOnce(new Error('offline')).mockImplementation(async () => servers('second'));
    expect((await iceServers()).iceServers).toEqual([]);
    expect((await iceServers()).iceServers).toMatchObject([{ username: 'second' }]);
  });

  it('are an empty list without renewal when the request fails', async () => {
    asked.mockRejectedValue(new Error('offline'));
    expect(await fetchIceServers()).toEqual({ iceServers: [], expiresAt: null });
    renewIceServers(connectionOf(new Configured()), { iceServers: [], expiresAt: null });
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
