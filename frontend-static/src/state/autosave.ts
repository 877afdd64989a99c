/** Saves a draft while it is written. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Draft, PostContent } from '../api/types';
import { newUlid } from '../lib/id';
import { deleteDraft } from './drafts';

const IDLE_MS = 1200;

export type AutosaveState = 'idle' | 'saving' | 'saved' | 'full' | 'failed';

function savedAs({ id, version, sent }: { id: string; version: number; sent: string }): Draft {
  return { id, version, content: JSON.parse(sent) as PostContent, updatedAt: new Date().toISOString() };
}

/**
 * Saves what the composer holds a moment after the last change, one request at a time; `content` is read when it is
 * sent.
 */
export function createAutosave(content: () => PostContent | null, from: Draft | null = null) {
  const state = signal<AutosaveState>('idle');
  const blank = () => ({ id: newUlid(), version: 0, sent: '' });
  let slot = from ? { id: from.id, version: from.version, sent: JSON.stringify(from.content) } : blank();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let wanted = true;

  const store = async (into: typeof slot, now: PostContent, text: string): Promise<void> => {
    const saved = await api.saveDraft(into.id, now, into.version || undefined);
    Object.assign(into, { version: saved.version, sent: text });
    if (into === slot) state.value = 'saved';
  };
  const save = async (): Promise<void> => {
    const now = content();
    const text = JSON.stringify(now);
    const into = slot;
    if (stopped || !wanted || !now || text === into.sent) return;
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
  const keep = async (): Promise<boolean> => {
    await flush();
    return state.peek() !== 'full' && state.peek() !== 'failed';
  };
  return {
    state,
    /** What it was saved as. */
    draft: (): Draft | null => (slot.version ? savedAs(slot) : null),
    /** Something changed. */
    touch: (): void => {
      clearTimeout(timer);
      wanted = true;
      if (!stopped) timer = setTimeout(() => void flush(), IDLE_MS);
    },
    /** Saves now what is not saved yet. */
    flush,
    /** Saves now; whether all of it is on the server. */
    keep,
    /** Whether something is written that is not on the server yet. */
    isBehind: (): boolean => {
      const now = content();
      return !stopped && wanted && now !== null && JSON.stringify(now) !== slot.sent;
    },
    /** It became a post, or is not wanted: nothing of it stays. What is written next is another draft. */
    forget: async (): Promise<void> => {
      clearTimeout(timer);
      wanted = false;
      const old = slot;
      slot = blank();
      state.value = 'idle';
      await running;
      if (old.version) await deleteDraft(old.id);
    },
    /** Saves nothing more; what was saved stays. */
    stop: (): void => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
