/**
 * The HTTP client: adds the access token, retries safe requests, and turns problem documents into ApiError. A command
 * keeps its Idempotency-Key over retries, so a retry gets the first answer; it also keeps its trace, so that the trace of
 * a click covers whichever attempt was executed.
 */
import { config } from '../config';
import { newId } from '../lib/id';
import { newTrace, TRACE_HEADER } from '../lib/trace';
import { ApiError, networkError, problemFrom } from './problem';

export interface TokenSource {
  accessToken(options?: { forceRefresh?: boolean }): Promise<string | null>;
  expired(): void;
}

export interface RequestOptions {
  query?: Record<string, string | number | null | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

const RETRIES = 2;
let latestToken: string | null = null;
let tokens: TokenSource = { accessToken: () => Promise.resolve(null), expired: () => undefined };

export function useTokens(source: TokenSource): void {
  tokens = source;
}

/** What all attempts of one command have in common. */
interface Command {
  key: string;
  trace: string;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** @throws ApiError */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const command = method === 'GET' ? null : { key: options.idempotencyKey ?? newId(), trace: newTrace() };
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await authorised<T>(method, path, options, command);
    } catch (error) {
      const temporary = error instanceof ApiError && error.isTemporary && !options.signal?.aborted;
      if (!temporary || attempt >= RETRIES) throw error;
      await pause(error.retryAfterMs ?? 300 * 2 ** attempt * (0.5 + Math.random()), options.signal);
    }
  }
}

async function authorised<T>(
  method: Method,
  path: string,
  options: RequestOptions,
  command: Command | null,
): Promise<T> {
  const first = await send(method, path, options, command, await tokens.accessToken());
  if (first.status !== 401) return read<T>(first);
  const fresh = await tokens.accessToken({ forceRefresh: true });
  const second = fresh ? await send(method, path, options, command, fresh) : first;
  if (second.status === 401) tokens.expired();
  return read<T>(second);
}

async function send(
  method: Method,
  path: string,
  options: RequestOptions,
  command: Command | null,
  token: string | null,
): Promise<Response> {
  latestToken = token;
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (command) {
    headers.set('idempotency-key', command.key);
    headers.set(TRACE_HEADER, command.trace);
  }
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  try {
    return await fetch(`${config().apiBaseUrl}${path}${queryString(options.query)}`, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw networkError(error);
  }
}

/**
 * Sends the last command of a closing page with `keepalive`. The page cannot wait, so it uses the access token of the
 * latest request and ignores the response.
 */
export function requestOnUnload(path: string, content?: object, method: 'POST' | 'DELETE' = 'POST'): void {
  if (!latestToken) return;
  const headers = {
    authorization: `Bearer ${latestToken}`,
    'content-type': 'application/json',
    'idempotency-key': newId(),
  };
  const request = { method, keepalive: true, headers, ...(content && { body: JSON.stringify(content) }) };
  void fetch(`${config().apiBaseUrl}${path}`, request).catch(() => undefined);
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body: unknown = text ? parse(text) : undefined;
  if (response.ok) return body as T;
  const retryAfter = Number(response.headers.get('retry-after'));
  throw problemFrom(response.status, body, retryAfter > 0 ? Math.min(retryAfter, 10) * 1000 : null);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function queryString(query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : '';
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
