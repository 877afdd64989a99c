/** Pending follow requests, as far as this page knows, so that an answered request is not shown as pending. */
import { signal } from '@preact/signals';
import { graph } from '../api/graph';
import type { Author } from '../api/types';
import { t } from '../i18n';
import { showError, showToast } from './toasts';

export type Answer = 'accepted' | 'declined';
type RequestState = Answer | 'waiting' | 'gone' | 'unknown';

/** The API's maximum page size. */
const PAGE = 50;
/** Null until fetched; `whole` when the page contained all requests. */
const waiting = signal<{ ids: ReadonlySet<string>; whole: boolean } | null>(null);
const answers = signal<Record<string, Answer>>({});

export function requestStateOf(person: Author): RequestState {
  const answered = answers.value[person.id];
  if (answered) return answered;
  if (!waiting.value) return 'unknown';
  // Only one page was read: a person who is not on it may still be pending.
  return waiting.value.ids.has(person.id) || !waiting.value.whole ? 'waiting' : 'gone';
}

export async function loadFollowRequests(): Promise<void> {
  try {
    const page = await graph.requests({ limit: PAGE });
    waiting.value = { ids: new Set(page.items.map(({ id }) => id)), whole: !page.older };
  } catch {
    // Unknown: the answer buttons are shown, and the server refuses if there is no request.
    waiting.value ??= { ids: new Set(), whole: false };
  }
}

/** Shown at once, undone when the server refuses. */
export async function answerFollowRequest(person: Author, answer: Answer): Promise<void> {
  answers.value = { ...answers.value, [person.id]: answer };
  try {
    await (answer === 'accepted' ? graph.accept(person.id) : graph.decline(person.id));
    if (answer === 'accepted') showToast(t('followRequest.accepted', person.displayName));
  } catch (error) {
    const { [person.id]: _, ...rest } = answers.value;
    answers.value = rest;
    showError(error);
    await loadFollowRequests();
  }
}

/** A (new) request: an earlier answer no longer applies. */
export function applyFollowRequest(person: Author): void {
  const { [person.id]: _, ...rest } = answers.value;
  answers.value = rest;
  if (waiting.value) waiting.value = { ...waiting.value, ids: new Set([...waiting.value.ids, person.id]) };
}

export function resetFollowRequests(): void {
  waiting.value = null;
  answers.value = {};
}
