/** Reports, decisions and what a person does with their account. */
import { request } from './client';
import type { Author, Page } from './types';

export type SubjectKind = 'post' | 'person' | 'message';
export const REASONS = [
  'spam',
  'harassment',
  'hate',
  'violence',
  'sexual',
  'self-harm',
  'impersonation',
  'illegal',
  'other',
] as const;
export type Reason = (typeof REASONS)[number];
export type ModerationAction = 'none' | 'hidden' | 'suspended';
export type DecisionKind = 'hide' | 'unhide' | 'suspend' | 'unsuspend' | 'dismiss';

/** The subject as it was when it was first reported. */
export interface Evidence {
  text?: string;
  handle?: string;
  displayName?: string;
  createdAt?: string;
  media?: { kind: string; url: string | null; thumbnailUrl: string | null; altText: string }[];
}

export interface Decided {
  kind: SubjectKind;
  subjectId: string;
  measure: ModerationAction;
  reason: Reason | null;
  comment: string;
  decidedAt: string | null;
  appeal: { text: string; at: string } | null;
  content: Evidence;
}

export interface ModerationCase extends Decided {
  open: boolean;
  reports: number;
  updatedAt: string;
  owner: Author;
  ownerSuspended: string | null;
}

export interface CaseReport {
  reporter: Author;
  reason: Reason;
  comment: string;
  at: string;
}

export interface LogEntry {
  id: string;
  kind: SubjectKind;
  subjectId: string;
  moderator: Author;
  decision: DecisionKind;
  reason: Reason;
  comment: string;
  at: string;
}

export interface CaseDetail extends ModerationCase {
  reportList: CaseReport[];
  log: LogEntry[];
}

export interface AccountExport {
  id: string;
  state: 'requested' | 'ready' | 'failed';
  requestedAt: string;
  readyAt: string | null;
  expiresAt: string | null;
  bytes: number;
  url: string | null;
}

const at = encodeURIComponent;
const casePath = (kind: SubjectKind, id: string) => `/v1/moderation/cases/${kind}/${at(id)}`;

export const moderation = {
  report: (body: { kind: SubjectKind; subjectId: string; reason: Reason; comment: string }) =>
    request<{ reported: boolean; again: boolean }>('POST', '/v1/reports', { body }),
  appeal: (body: { kind: SubjectKind; subjectId: string; text: string }) =>
    request<void>('POST', '/v1/appeals', { body }),
  decisions: () => request<{ items: Decided[] }>('GET', '/v1/me/decisions'),
  cases: (state: 'open' | 'closed', cursor?: string | null) =>
    request<Page<ModerationCase>>('GET', '/v1/moderation/cases', { query: { state, cursor } }),
  case: (kind: SubjectKind, id: string) => request<CaseDetail>('GET', casePath(kind, id)),
  decide: (kind: SubjectKind, id: string, body: { decision: DecisionKind; reason: Reason; comment: string }) =>
    request<{ measure: ModerationAction }>('POST', `${casePath(kind, id)}/decisions`, { body }),
  log: (cursor?: string | null) => request<Page<LogEntry>>('GET', '/v1/moderation/log', { query: { cursor } }),
};

export const account = {
  export: () => request<AccountExport>('GET', '/v1/me/export'),
  requestExport: () => request<AccountExport>('POST', '/v1/me/export'),
  delete: (handle: string) => request<{ state: 'deleting' }>('POST', '/v1/me/deletion', { body: { handle } }),
};
