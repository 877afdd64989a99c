/** Reports, decisions and what a person does with their account. */
import { request } from './client';
import type {
  CaseDetail as AnyCaseDetail,
  Decided as AnyDecided,
  AppealMeasure,
  Case,
  DecideCase,
  Deletion,
  Export,
  LogEntry,
  MeasureInForce,
  Page,
  Reported,
  ReportSubject,
  SubjectKind,
} from './types';

/** What the pages read of a subject as it was when it was first reported; its kind says what it has. */
export interface Evidence {
  text?: string;
  handle?: string;
  displayName?: string;
  createdAt?: string;
  media?: { kind: string; url: string | null; thumbnailUrl: string | null; altText: string }[];
}

type WithEvidence<T> = Omit<T, 'content'> & { content: Evidence };
export type Decided = WithEvidence<AnyDecided>;
export type ModerationCase = WithEvidence<Case>;
export type CaseDetail = WithEvidence<AnyCaseDetail>;

const at = encodeURIComponent;
const casePath = (kind: SubjectKind, id: string) => `/v1/moderation/cases/${kind}/${at(id)}`;

export const moderation = {
  report: (body: ReportSubject) => request<Reported>('POST', '/v1/reports', { body }),
  appeal: (body: AppealMeasure) => request<void>('POST', '/v1/appeals', { body }),
  decisions: () => request<{ items: Decided[] }>('GET', '/v1/me/decisions'),
  cases: (state: 'open' | 'closed', cursor?: string | null) =>
    request<Page<ModerationCase>>('GET', '/v1/moderation/cases', { query: { state, cursor } }),
  case: (kind: SubjectKind, id: string) => request<CaseDetail>('GET', casePath(kind, id)),
  decide: (kind: SubjectKind, id: string, body: DecideCase) =>
    request<MeasureInForce>('POST', `${casePath(kind, id)}/decisions`, { body }),
  log: (cursor?: string | null) => request<Page<LogEntry>>('GET', '/v1/moderation/log', { query: { cursor } }),
};

export const account = {
  export: () => request<Export>('GET', '/v1/me/export'),
  requestExport: () => request<Export>('POST', '/v1/me/export'),
  delete: (handle: string) => request<Deletion>('POST', '/v1/me/deletion', { body: { handle } }),
};
