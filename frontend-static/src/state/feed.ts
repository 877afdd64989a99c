/** A list with paging in both directions: older at the bottom, newer on top. Items are never repeated. */
import { batch, type Signal, signal } from '@preact/signals';
import type { Page } from '../api/types';

export type FeedStatus = 'idle' | 'loading' | 'ready' | 'error';

const NEWER_PAGES = 5;
/** How long an item that was added on top locally stays there while the server's list lacks it. */
const FRESH_MS = 60_000;

export interface Feed<T> {
  readonly items: Signal<T[]>;
  readonly status: Signal<FeedStatus>;
  readonly loadingOlder: Signal<boolean>;
  readonly hasOlder: Signal<boolean>;
  readonly error: Signal<unknown>;
  /** Ids of newer items that are known but not shown yet. */
  readonly waiting: Signal<ReadonlySet<string>>;
  load(): Promise<void>;
  older(): Promise<void>;
  newer(): Promise<void>;
  /** Reports a newer item: the next `newer` shows it. */
  announce(id: string): void;
  /** Checks for newer items, one page at most, and shows none of them. */
  peek(): Promise<void>;
  prepend(item: T): void;
  remove(id: string): void;
}

export function createFeed<T>(
  fetchPage: (cursor: string | null) => Promise<Page<T>>,
  idOf: (item: T) => string,
): Feed<T> {
  return new PagedFeed(fetchPage, idOf);
}

class PagedFeed<T> implements Feed<T> {
  readonly items = signal<T[]>([]);
  readonly status = signal<FeedStatus>('idle');
  readonly loadingOlder = signal(false);
  readonly hasOlder = signal(false);
  readonly error = signal<unknown>(null);
  readonly waiting = signal<ReadonlySet<string>>(new Set());
  private olderCursor: string | null = null;
  private newerCursor: string | null = null;
  private fresh: { item: T; at: number }[] = [];
  private busyNewer: Promise<void> | null = null;

  constructor(
    private readonly fetchPage: (cursor: string | null) => Promise<Page<T>>,
    private readonly idOf: (item: T) => string,
  ) {}

  async load(): Promise<void> {
    if (this.status.value === 'loading') return;
    this.status.value = 'loading';
    try {
      const page = await this.fetchPage(null);
      this.adopt(page, this.merge(this.onTop(), page.items));
      if (page.items.length === 0) await this.older();
    } catch (failure) {
      batch(() => {
        this.error.value = failure;
        this.status.value = 'error';
      });
    }
  }

  /**
   * A page may be empty although older ones follow (items that the viewer may not see are omitted): fetch the next too.
   */
  async older(): Promise<void> {
    if (this.loadingOlder.value || !this.olderCursor) return;
    this.loadingOlder.value = true;
    const before = this.items.value.length;
    try {
      while (this.olderCursor && this.items.value.length === before) {
        const page = await this.fetchPage(this.olderCursor);
        batch(() => {
          this.items.value = this.merge(this.items.value, page.items);
          this.olderCursor = page.older;
          this.hasOlder.value = page.older !== null;
          this.error.value = null;
        });
      }
    } catch (failure) {
      this.error.value = failure;
    } finally {
      this.loadingOlder.value = false;
    }
  }

  newer(): Promise<void> {
    if (this.status.value !== 'ready') return this.load();
    this.waiting.value = new Set();
    this.busyNewer ??= this.catchUp()
      .catch((failure: unknown) => {
        this.error.value = failure;
      })
      .finally(() => {
        this.busyNewer = null;
      });
    return this.busyNewer;
  }

  async peek(): Promise<void> {
    if (this.status.peek() !== 'ready' || this.busyNewer) return;
    const page = await this.fetchPage(this.newerCursor).catch(() => null);
    // `wait` omits items shown meanwhile; a list that could not be fetched is fetched again later.
    if (page) this.wait(page.items.map(this.idOf));
  }

  announce(id: string): void {
    this.wait([id]);
  }

  prepend(item: T): void {
    this.fresh = [{ item, at: Date.now() }, ...this.fresh];
    this.items.value = this.merge([item], this.items.value);
  }

  remove(id: string): void {
    this.fresh = this.fresh.filter(({ item }) => this.idOf(item) !== id);
    this.items.value = this.items.value.filter((item) => this.idOf(item) !== id);
  }

  private merge(first: T[], second: T[]): T[] {
    const seen = new Set<string>();
    return [...first, ...second].filter((item) => !seen.has(this.idOf(item)) && seen.add(this.idOf(item)));
  }

  /** Items added locally a moment ago: the projection that lists them may be delayed. */
  private onTop(): T[] {
    this.fresh = this.fresh.filter(({ at }) => Date.now() - at < FRESH_MS);
    return this.fresh.map(({ item }) => item);
  }

  private adopt(page: Page<T>, merged: T[]): void {
    batch(() => {
      this.items.value = merged;
      this.olderCursor = page.older;
      this.newerCursor = page.newer ?? this.newerCursor;
      this.hasOlder.value = page.older !== null;
      this.status.value = 'ready';
      this.error.value = null;
    });
  }

  /** Pages up until there is nothing newer. If the gap is too wide, the list restarts at the top. */
  private async catchUp(): Promise<void> {
    for (let pages = 0; this.newerCursor && pages < NEWER_PAGES; pages += 1) {
      const page = await this.fetchPage(this.newerCursor);
      this.putAbove(page);
      if (page.items.length === 0 || !page.newer) return;
    }
    const top = await this.fetchPage(null);
    const known = new Set(this.items.value.map(this.idOf));
    const overlaps = top.items.length === 0 || top.items.some((item) => known.has(this.idOf(item)));
    if (overlaps) this.putAbove(top);
    else this.adopt(top, this.merge(this.onTop(), top.items));
  }

  private putAbove(page: Page<T>): void {
    batch(() => {
      this.items.value = this.merge(page.items, this.items.value);
      this.newerCursor = page.newer ?? this.newerCursor;
    });
  }

  private wait(ids: readonly string[]): void {
    const shown = new Set(this.items.peek().map(this.idOf));
    const added = ids.filter((id) => !shown.has(id) && !this.waiting.peek().has(id));
    if (added.length > 0) this.waiting.value = new Set([...this.waiting.peek(), ...added]);
  }
}
