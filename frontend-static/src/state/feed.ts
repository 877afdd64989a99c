/** A list that pages both ways: older at the bottom, newer on top. Items are never shown twice. */
import { batch, type Signal, signal } from '@preact/signals';
import type { Page } from '../api/types';

export type FeedStatus = 'idle' | 'loading' | 'ready' | 'error';

const NEWER_PAGES = 5;
/** How long an item put on top by hand is kept there though the server's list does not have it yet. */
const FRESH_MS = 60_000;

export interface Feed<T> {
  readonly items: Signal<T[]>;
  readonly status: Signal<FeedStatus>;
  readonly loadingOlder: Signal<boolean>;
  readonly hasOlder: Signal<boolean>;
  readonly error: Signal<unknown>;
  /** Ids of newer items that are known of and not shown yet. */
  readonly waiting: Signal<ReadonlySet<string>>;
  load(): Promise<void>;
  older(): Promise<void>;
  newer(): Promise<void>;
  /** Something newer exists: the next `newer` shows it. */
  announce(id: string): void;
  /** Looks what newer items there are, a page at most, and shows none of them. */
  peek(): Promise<void>;
  prepend(item: T): void;
  remove(id: string): void;
}

export function createFeed<T>(
  fetchPage: (cursor: string | null) => Promise<Page<T>>,
  idOf: (item: T) => string,
): Feed<T> {
  const items = signal<T[]>([]);
  const status = signal<FeedStatus>('idle');
  const loadingOlder = signal(false);
  const hasOlder = signal(false);
  const error = signal<unknown>(null);
  const waiting = signal<ReadonlySet<string>>(new Set());
  let olderCursor: string | null = null;
  let newerCursor: string | null = null;
  let fresh: { item: T; at: number }[] = [];
  let busyNewer: Promise<void> | null = null;

  const merge = (first: T[], second: T[]): T[] => {
    const seen = new Set<string>();
    return [...first, ...second].filter((item) => !seen.has(idOf(item)) && seen.add(idOf(item)));
  };

  /** What was put on top by hand a moment ago: the projection that lists it may still be on its way. */
  const onTop = (): T[] => {
    fresh = fresh.filter(({ at }) => Date.now() - at < FRESH_MS);
    return fresh.map(({ item }) => item);
  };

  const adopt = (page: Page<T>, merged: T[]): void =>
    batch(() => {
      items.value = merged;
      olderCursor = page.older;
      newerCursor = page.newer ?? newerCursor;
      hasOlder.value = page.older !== null;
      status.value = 'ready';
      error.value = null;
    });

  const load = async (): Promise<void> => {
    if (status.value === 'loading') return;
    status.value = 'loading';
    try {
      const page = await fetchPage(null);
      adopt(page, merge(onTop(), page.items));
      if (page.items.length === 0) await older();
    } catch (failure) {
      batch(() => {
        error.value = failure;
        status.value = 'error';
      });
    }
  };

  /** A page may be empty though there are older ones (what is not for the viewer is left out): then the next one too. */
  const older = async (): Promise<void> => {
    if (loadingOlder.value || !olderCursor) return;
    loadingOlder.value = true;
    const before = items.value.length;
    try {
      while (olderCursor && items.value.length === before) {
        const page: Page<T> = await fetchPage(olderCursor);
        batch(() => {
          items.value = merge(items.value, page.items);
          olderCursor = page.older;
          hasOlder.value = page.older !== null;
          error.value = null;
        });
      }
    } catch (failure) {
      error.value = failure;
    } finally {
      loadingOlder.value = false;
    }
  };

  /** Pages up until nothing newer comes. A gap too wide for that is closed by starting again at the top. */
  const catchUp = async (): Promise<void> => {
    for (let pages = 0; newerCursor && pages < NEWER_PAGES; pages += 1) {
      const page: Page<T> = await fetchPage(newerCursor);
      batch(() => {
        items.value = merge(page.items, items.value);
        newerCursor = page.newer ?? newerCursor;
      });
      if (page.items.length === 0 || !page.newer) return;
    }
    const top = await fetchPage(null);
    const known = new Set(items.value.map(idOf));
    const overlaps = top.items.length === 0 || top.items.some((item) => known.has(idOf(item)));
    if (!overlaps) return adopt(top, merge(onTop(), top.items));
    batch(() => {
      items.value = merge(top.items, items.value);
      newerCursor = top.newer ?? newerCursor;
    });
  };

  const newer = (): Promise<void> => {
    if (status.value !== 'ready') return load();
    waiting.value = new Set();
    busyNewer ??= catchUp()
      .catch((failure: unknown) => {
        error.value = failure;
      })
      .finally(() => {
        busyNewer = null;
      });
    return busyNewer;
  };

  const wait = (ids: readonly string[]): void => {
    const shown = new Set(items.peek().map(idOf));
    const added = ids.filter((id) => !shown.has(id) && !waiting.peek().has(id));
    if (added.length > 0) waiting.value = new Set([...waiting.peek(), ...added]);
  };

  const peek = async (): Promise<void> => {
    if (status.peek() !== 'ready' || busyNewer) return;
    const page = await fetchPage(newerCursor).catch(() => null);
    // What was shown meanwhile is left out by `wait`; a list that could not be asked now is asked again later.
    if (page) wait(page.items.map(idOf));
  };

  return {
    items,
    status,
    loadingOlder,
    hasOlder,
    error,
    waiting,
    load,
    older,
    newer,
    peek,
    announce: (id) => wait([id]),
    prepend: (item) => {
      fresh = [{ item, at: Date.now() }, ...fresh];
      items.value = merge([item], items.value);
    },
    remove: (id) => {
      fresh = fresh.filter(({ item }) => idOf(item) !== id);
      items.value = items.value.filter((item) => idOf(item) !== id);
    },
  };
}
