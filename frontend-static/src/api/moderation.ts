/** Reports, decisions, and operations on the viewer's account. */
import { request } from './client';
import { downloadFile } from './download';
import type {
  CaseDetail as AnyCaseDetail,
  Decided as AnyDecided,
  AppealMeasure,
  AuditEntry,
  Case,
  DecideCase,
  Deletion,
  Export,
  MeasureInForce,
  Page,
  Reported,
  ReportSubject,
  SigningOut,
  SubjectKind,
} from './types';

/** The fields of a reported subject's snapshot that the pages read; the subject's kind determines which exist. */
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
  signOut: (userId: string) => request<SigningOut>('POST', `/v1/moderation/people/${at(userId)}/sign-out`),
  log: (cursor?: string | null) => request<Page<AuditEntry>>('GET', '/v1/moderation/log', { query: { cursor } }),
};

export const account = {
  export: () => request<Export | undefined>('GET', '/v1/me/export', { query: { absent: 'empty' } }),
  /** A link is valid for minutes only, so each download requests a new one. */
  download: async () => {
    const { url, headers, requestedAt } = (await account.export()) ?? {};
    if (url && requestedAt) await downloadFile(url, headers ?? {}, `asyncsns-${requestedAt.slice(0, 10)}.zip`);
  },
  requestExport: () => request<Export>('POST', '/v1/me/export'),
  signOut: () => request<SigningOut>('POST', '/v1/me/sign-out'),
  delete: (handle: string) => request<Deletion>('POST', '/v1/me/deletion', { body: { handle } }),
};
