/** Saves a draft during writing. */
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
 * Saves the composer's content shortly after the last change, one request at a time; `content` is read when the request
 * is sent.
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
        // Another device changed or deleted the draft: both versions are kept, this one under a new id.
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
    /** The saved draft, or null. */
    draft: (): Draft | null => (slot.version ? savedAs(slot) : null),
    /** Call after each change. */
    touch: (): void => {
      clearTimeout(timer);
      wanted = true;
      if (!stopped) timer = setTimeout(() => void flush(), IDLE_MS);
    },
    /** Saves unsaved changes now. */
    flush,
    /** Saves now; returns whether the server has everything. */
    keep,
    /** Whether there are changes that the server does not have yet. */
    isBehind: (): boolean => {
      const now = content();
      return !stopped && wanted && now !== null && JSON.stringify(now) !== slot.sent;
    },
    /** Deletes the draft, because it was posted or discarded. Later text becomes a new draft. */
    forget: async (): Promise<void> => {
      clearTimeout(timer);
      wanted = false;
      const old = slot;
      slot = blank();
      state.value = 'idle';
      await running;
      if (old.version) await deleteDraft(old.id);
    },
    /** Stops saving; the saved draft remains. */
    stop: (): void => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
