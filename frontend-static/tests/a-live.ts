/** A live stream as the API returns it, for tests. */
import type { Live } from '../src/api/types';

export const HOST = { id: 'mio', handle: 'mio', displayName: 'Mio', avatarUrl: null };
export const LIVE: Live = {
  id: 'l-1',
  host: HOST,
  title: 'Baking bread',
  audience: 'public',
  state: 'live',
  interrupted: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:05.000Z',
  endedAt: null,
  viewers: 2,
  mostViewers: 3,
  revision: 4,
};
