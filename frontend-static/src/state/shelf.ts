/** What is not a post yet: drafts that save themselves, scheduled posts, and the rules of polls. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { Draft, NewPoll, PostContent, ScheduledPost } from '../api/authoring';
import { ApiError } from '../api/problem';
import { graphemes } from '../lib/entities';
import { newUlid } from '../lib/id';

export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 4;
export const MAX_OPTION = 50;
const DAY = 24 * 3600_000;
const LEAST_AHEAD = 60_000;
const MOST_AHEAD = 180 * DAY;
const IDLE_MS = 1200;

export const drafts = signal<Draft[] | null>(null);
export const scheduled = signal<ScheduledPost[] | null>(null);

export async function loadDrafts(): Promise<void> {
  drafts.value = (await api.drafts()).items;
}

export async function loadScheduled(): Promise<void> {
  scheduled.value = (await api.scheduledPosts()).items;
}

export async function discardDraft(id: string): Promise<void> {
  await api.deleteDraft(id);
  if (drafts.value) drafts.value = drafts.value.filter((draft) => draft.id !== id);
}

export async function cancelScheduled(id: string): Promise<void> {
  await api.cancelScheduled(id);
  if (scheduled.value) scheduled.value = scheduled.value.filter((one) => one.id !== id);
}

export function forgetShelf(): void {
  drafts.value = null;
  scheduled.value = null;
}

export const emptyPoll = (): NewPoll => ({ options: ['', ''], multiple: false, durationSeconds: DAY / 1000 });

/** Options without the empty ones; the poll is complete when two to four different ones are left. */
export function finishedPoll(poll: NewPoll): NewPoll | null {
  const options = poll.options.map((option) => option.trim()).filter(Boolean);
  const distinct = new Set(options.map((option) => option.toLowerCase()));
  const fits =
    options.length >= MIN_OPTIONS &&
    options.length <= MAX_OPTIONS &&
    options.every((option) => graphemes(option) <= MAX_OPTION);
  return fits && distinct.size === options.length ? { ...poll, options } : null;
}

/** A moment as `<input type="datetime-local">` writes it: in the reader's zone, to the minute. */
export function localValue(moment: number): string {
  const date = new Date(moment);
  return new Date(moment - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Whether the server takes that time; half a minute is left for the way there. */
export function isSchedulable(value: string, now = Date.now()): boolean {
  const ahead = new Date(value).getTime() - now;
  return ahead >= LEAST_AHEAD + 5_000 && ahead <= MOST_AHEAD;
}

export type AutosaveState = 'idle' | 'saving' | 'saved' | 'full' | 'failed';

/** Saves what the composer holds a moment after the last change, one request at a time; `content` is read when it is sent. */
export function createAutosave(content: () => PostContent | null, from: Draft | null = null) {
  const state = signal<AutosaveState>('idle');
  const blank = () => ({ id: newUlid(), version: 0, sent: '' });
  let slot = from ? { id: from.id, version: from.version, sent: JSON.stringify(from.content) } : blank();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  const store = async (into: typeof slot, now: PostContent, text: string): Promise<void> => {
    const saved = await api.saveDraft(into.id, now, into.version || undefined);
    Object.assign(into, { version: saved.version, sent: text });
    if (into === slot) state.value = 'saved';
  };
  const save = async (): Promise<void> => {
    const now = content();
    const text = JSON.stringify(now);
    const into = slot;
    if (stopped || !now || text === into.sent) return;
    state.value = 'saving';
    try {
      await store(into, now, text);
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      if (into !== slot) return;
      if (status !== 409) state.value = status === 422 ? 'full' : 'failed';
      else {
        // Another device changed or deleted it: both are kept, this one under an id of its own.
        Object.assign(into, blank());
        await store(into, now, text).catch(() => (state.value = 'failed'));
      }
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    running = running.then(save);
    return running;
  };
  return {
    state,
    /** Something changed. */
    touch: (): void => {
      clearTimeout(timer);
      if (!stopped) timer = setTimeout(() => void flush(), IDLE_MS);
    },
    /** Saves now what is not saved yet. */
    flush,
    /** Saves now; whether all of it is on the server. */
    keep: async (): Promise<boolean> => {
      await flush();
      return state.peek() !== 'full' && state.peek() !== 'failed';
    },
    /** It became a post, or is not wanted: nothing of it stays. What is written next is another draft. */
    forget: async (): Promise<void> => {
      clearTimeout(timer);
      const old = slot;
      slot = blank();
      state.value = 'idle';
      await running;
      if (old.version) await discardDraft(old.id);
    },
    /** Saves nothing more; what was saved stays. */
    stop: (): void => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
