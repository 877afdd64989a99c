/** Errors of the API, as the UI handles them. */
import type { FieldProblem, Problem } from './types';

export class ApiError extends Error {
  constructor(
    readonly slug: string,
    readonly status: number,
    readonly problem: Problem,
    readonly retryAfterMs: number | null = null,
  ) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
  }

  get fields(): FieldProblem[] {
    return this.problem.errors ?? [];
  }

  /** The request may be retried with the same idempotency key. */
  get isTemporary(): boolean {
    return this.slug === 'network' || this.status === 429 || this.status >= 500;
  }
}

export function networkError(cause: unknown): ApiError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ApiError('network', 0, { type: 'about:blank', title: 'Network error', status: 0, detail });
}

/** The last part of the problem's type (`https://…/problems/handle-taken` → `handle-taken`), else `http-<status>`. */
export function problemSlug(type: string | undefined, status: number): string {
  const slug = type?.split(/[/:#]/).filter(Boolean).pop();
  return !slug || slug === 'blank' || slug === 'about' ? `http-${status}` : slug;
}

export function problemFrom(status: number, body: unknown, retryAfterMs: number | null = null): ApiError {
  const source = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem> & {
    message?: string;
  };
  const problem: Problem = {
    ...source,
    type: source.type ?? 'about:blank',
    title: source.title ?? source.message ?? `HTTP ${status}`,
    status,
  };
  return new ApiError(problemSlug(source.type, status), status, problem, retryAfterMs);
}
