import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { queryString, request, requestOnUnload, useTokens } from '../src/api/client';
import { problemSlug } from '../src/api/problem';

const fetchMock = vi.fn<typeof fetch>();
const answer = (status: number, body?: object) => new Response(body ? JSON.stringify(body) : null, { status });
const headersOf = (call: number) => fetchMock.mock.calls[call]![1]!.headers as Headers;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fetchMock);
  fetchMock.mockReset();
  fetchMock.mockResolvedValueOnce(answer(200, { apiBaseUrl: '' }));
  await (await import('../src/config')).loadConfig();
  fetchMock.mockReset();
  useTokens({ accessToken: () => Promise.resolve('token'), expired: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('requestOnUnload', () => {
  it('sends a request that outlives the page, with the last token', async () => {
    fetchMock.mockResolvedValueOnce(answer(200, {})).mockResolvedValueOnce(answer(200, {}));
    await request('GET', '/v1/me');
    requestOnUnload('/v1/calls/c/leave', { session: 's' });
    const [path, options] = fetchMock.mock.calls[1]!;
    expect([path, options!.method, options!.keepalive]).toEqual(['/v1/calls/c/leave', 'POST', true]);
    expect(options!.headers).toMatchObject({ authorization: 'Bearer token', 'content-type': 'application/json' });
    expect(options!.body).toBe('{"session":"s"}');
  });
});

describe('request', () => {
  it('retries a command with the same idempotency key', async () => {
    fetchMock
      .mockRejectedValueOnce(new TypeError('offline'))
      .mockResolvedValueOnce(answer(503))
      .mockResolvedValueOnce(answer(201, { id: '1' }));
    const result = request('POST', '/v1/posts', { body: {} });
    await vi.runAllTimersAsync();
    await expect(result).resolves.toEqual({ id: '1' });
    const keys = [0, 1, 2].map((call) => headersOf(call).get('idempotency-key'));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]!.length).toBeLessThanOrEqual(64);
  });

  it('uses one trace for all attempts of a command and a new one for the next command', async () => {
    fetchMock
      .mockResolvedValueOnce(answer(503))
      .mockResolvedValueOnce(answer(401))
      .mockImplementation(() => Promise.resolve(answer(201, { id: '1' })));
    const result = request('POST', '/v1/posts', { body: {} });
    await vi.runAllTimersAsync();
    await result;
    await request('POST', '/v1/posts', { body: {} });
    const traces = [0, 1, 2, 3].map((call) => headersOf(call).get('x-amzn-trace-id')!);
    expect(traces[0]).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16}$/);
    expect(new Set(traces.slice(0, 3)).size).toBe(1);
    expect(traces[3]).not.toBe(traces[0]);
  });

  it('does not retry a refused request and keeps its problem', async () => {
    fetchMock.mockResolvedValueOnce(answer(409, { type: 'handle-taken', title: 'Handle is taken', status: 409 }));
    await expect(request('PUT', '/v1/me', { body: {} })).rejects.toMatchObject({ slug: 'handle-taken', status: 409 });
    expect(fetchMock).toHaveBeenCalledTimes(1);
  });

  it('refreshes the token once after a 401', async () => {
    const asked: boolean[] = [];
    useTokens({
      accessToken: (options) => {
        asked.push(options?.forceRefresh ?? false);
        return Promise.resolve(options?.forceRefresh ? 'fresh' : 'old');
      },
      expired: () => undefined,
    });
    fetchMock.mockResolvedValueOnce(answer(401)).mockResolvedValueOnce(answer(200, { ok: true }));
    await expect(request('GET', '/v1/me')).resolves.toEqual({ ok: true });
    expect(asked).toEqual([false, true]);
    expect(headersOf(1).get('authorization')).toBe('Bearer fresh');
  });

  it('ends the session when a fresh token is refused too', async () => {
    const expired = vi.fn();
    useTokens({ accessToken: () => Promise.resolve('token'), expired });
    fetchMock.mockImplementation(() => Promise.resolve(answer(401)));
    await expect(request('GET', '/v1/me')).rejects.toMatchObject({ status: 401 });
    expect(expired).toHaveBeenCalledOnce();
  });

  it('reads an error that is not a problem document', async () => {
    fetchMock.mockImplementation(() => Promise.resolve(new Response('<html>', { status: 403 })));
    await expect(request('GET', '/v1/me')).rejects.toMatchObject({ slug: 'http-403', status: 403 });
  });
});

describe('helper functions', () => {
  it('leave empty values out of the query', () => {
    expect(queryString({ q: '東京 都', cursor: null, limit: 5, empty: '' })).toBe(
      '?q=%E6%9D%B1%E4%BA%AC+%E9%83%BD&limit=5',
    );
    expect(queryString({ cursor: undefined })).toBe('');
  });

  it('name problems by the last part of their type', () => {
    expect(problemSlug('https://asyncsns.example/problems/handle-taken', 409)).toBe('handle-taken');
    expect(problemSlug('about:blank', 404)).toBe('http-404');
    expect(problemSlug(undefined, 500)).toBe('http-500');
  });
});
