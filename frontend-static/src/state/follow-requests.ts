/** Who waits to be let in, as far as this page knows: so that an answered request does not ask again. */
import { signal } from '@preact/signals';
import { graph } from '../api/graph';
import type { Author } from '../api/types';
import { t } from '../i18n';
import { showError, showToast } from './toasts';

export type Answer = 'accepted' | 'declined';
type RequestState = Answer | 'waiting' | 'gone' | 'unknown';

/** The most that one page may have. */
const PAGE = 50;
/** Null until it was asked for; `whole` when the page held everybody. */
const waiting = signal<{ ids: ReadonlySet<string>; whole: boolean } | null>(null);
const answers = signal<Record<string, Answer>>({});

export function requestStateOf(person: Author): RequestState {
  const answered = answers.value[person.id];
  if (answered) return answered;
  if (!waiting.value) return 'unknown';
  // Only one page was read: a person who is not on it may still be waiting.
  return waiting.value.ids.has(person.id) || !waiting.value.whole ? 'waiting' : 'gone';
}

export async function loadFollowRequests(): Promise<void> {
  try {
    const page = await graph.requests({ limit: PAGE });
    waiting.value = { ids: new Set(page.items.map(({ id }) => id)), whole: !page.older };
  } catch {
    // Not known: so they can be answered, and the server says if one cannot.
    waiting.value ??= { ids: new Set(), whole: false };
  }
}

/** Shown at once, taken back when the server refuses. */
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

/** Somebody asks (again): what was answered before is over. */
export function applyFollowRequest(person: Author): void {
  const { [person.id]: _, ...rest } = answers.value;
  answers.value = rest;
  if (waiting.value) waiting.value = { ...waiting.value, ids: new Set([...waiting.value.ids, person.id]) };
}

export function resetFollowRequests(): void {
  waiting.value = null;
  answers.value = {};
}
