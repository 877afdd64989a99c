/** Operations of live streaming. */
import { request, requestOnUnload } from './client';
import type { Live, LiveAudience, LiveIngest, LiveMessage, LiveViewing, Page, StartedLive } from './types';

const at = encodeURIComponent;
const one = (id: string, rest = ''): string => `/v1/live/${at(id)}${rest}`;

export const liveApi = {
  start: (body: { clientLiveId: string; title: string; audience: LiveAudience }) =>
    request<StartedLive>('POST', '/v1/live', { body, idempotencyKey: body.clientLiveId }),
  ingest: (id: string, body: { program?: boolean } = {}) => request<LiveIngest>('POST', one(id, '/ingest'), { body }),
  running: () => request<Page<Live>>('GET', '/v1/live'),
  read: (id: string) => request<Live>('GET', one(id)),
  view: (id: string, session: string) => request<LiveViewing>('POST', one(id, '/viewing'), { body: { session } }),
  /** Also used when the page closes. */
  leave: (id: string, session: string) => requestOnUnload(one(id, `/viewing/${at(session)}`), undefined, 'DELETE'),
  end: (id: string) => request<Live>('POST', one(id, '/end')),
  messages: (id: string, cursor?: string) =>
    request<Page<LiveMessage>>('GET', one(id, '/messages'), { query: { cursor } }),
  say: (id: string, body: { clientMessageId: string; text: string }) =>
    request<LiveMessage>('POST', one(id, '/messages'), { body, idempotencyKey: body.clientMessageId }),
};
