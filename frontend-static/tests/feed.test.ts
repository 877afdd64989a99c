import { describe, expect, it } from 'vitest';
import type { Page } from '../src/api/types';
import { createFeed } from '../src/state/feed';

type Item = { id: string };
const ids = (items: Item[]) => items.map((item) => item.id).join('');

/** A list on a server: cursors are `<direction>:<id>`; page size 2; newest first. */
class Server {
  items: Item[];
  calls: (string | null)[] = [];

  constructor(letters: string) {
    this.items = [...letters].map((id) => ({ id }));
  }

  page = (cursor: string | null): Promise<Page<Item>> => {
    this.calls.push(cursor);
    const [direction, id] = cursor?.split(':') ?? [];
    const at = this.items.findIndex((item) => item.id === id);
    const slice = direction === 'newer' ? this.items.slice(Math.max(0, at - 2), at) : this.items.slice(at + 1, at + 3);
    const last = slice.at(-1);
    const hasOlder = last !== undefined && this.items.at(-1) !== last;
    return Promise.resolve({
      items: slice,
      older: hasOlder ? `older:${last.id}` : null,
      newer: slice[0] ? `newer:${slice[0].id}` : null,
    });
  };
}

describe('feed', () => {
  it('pages down to the end', async () => {
    const feed = createFeed<Item>(new Server('edcba').page, (item) => item.id);
    await feed.load();
    expect(ids(feed.items.value)).toBe('ed');
    await feed.older();
    await feed.older();
    expect(ids(feed.items.value)).toBe('edcba');
    expect(feed.hasOlder.value).toBe(false);
  });

  it('pages up without gaps or duplicates', async () => {
    const server = new Server('edcba');
    const feed = createFeed<Item>(server.page, (item) => item.id);
    await feed.load();
    feed.prepend({ id: 'f' });
    server.items = [...'ihgfedcba'].map((id) => ({ id }));
    await feed.newer();
    expect(new Set(ids(feed.items.value)).size).toBe(ids(feed.items.value).length);
    expect([...ids(feed.items.value)].sort().join('')).toBe('defghi');
  });

  it('starts again at the top when the gap is too wide to page through', async () => {
    const server = new Server('ba');
    const feed = createFeed<Item>(server.page, (item) => item.id);
    await feed.load();
    server.items = [...'ZYXWVUTSRQPONMLKJIHGFEDC', 'b', 'a'].map((id) => ({ id }));
    await feed.newer();
    expect(ids(feed.items.value)).toBe('ZY');
  });

  it('keeps an item that was added on top during a load', async () => {
    const server = new Server('ba');
    const feed = createFeed<Item>(server.page, (item) => item.id);
    const loading = feed.load();
    feed.prepend({ id: 'c' });
    await loading;
    expect(ids(feed.items.value)).toBe('cba');
    feed.remove('c');
    await feed.load();
    expect(ids(feed.items.value)).toBe('ba');
  });

  it('skips pages that are empty for this viewer', async () => {
    const pages: Record<string, Page<Item>> = {
      first: { items: [], older: 'second', newer: null },
      second: { items: [], older: 'third', newer: null },
      third: { items: [{ id: 'x' }], older: null, newer: null },
    };
    const feed = createFeed<Item>(
      (cursor) => Promise.resolve(pages[cursor ?? 'first']!),
      (item) => item.id,
    );
    await feed.load();
    expect(ids(feed.items.value)).toBe('x');
  });

  it('keeps its items and sets an error when a page fails', async () => {
    const server = new Server('edcba');
    let fail = false;
    const feed = createFeed<Item>(
      (cursor) => (fail ? Promise.reject(new Error('down')) : server.page(cursor)),
      (item) => item.id,
    );
    await feed.load();
    fail = true;
    await feed.older();
    expect(ids(feed.items.value)).toBe('ed');
    expect(feed.error.value).toBeInstanceOf(Error);
    fail = false;
    await feed.older();
    expect(ids(feed.items.value)).toBe('edcb');
    expect(feed.error.value).toBeNull();
  });

  it('counts newer items without showing them, and resets the count once they are shown', async () => {
    const server = new Server('cba');
    const feed = createFeed<Item>(server.page, (item) => item.id);
    await feed.load();
    await feed.peek();
    expect(feed.waiting.value.size).toBe(0);
    server.items = [...'edcba'].map((id) => ({ id }));
    feed.announce('d');
    feed.announce('c');
    await feed.peek();
    await feed.peek();
    expect([...feed.waiting.value].sort()).toEqual(['d', 'e']);
    expect(ids(feed.items.value)).toBe('cb');
    await feed.newer();
    expect(feed.waiting.value.size).toBe(0);
    expect(ids(feed.items.value)).toBe('edcb');
  });

  it('sets no error when the check for newer items fails', async () => {
    const server = new Server('cba');
    let fail = false;
    const feed = createFeed<Item>(
      (cursor) => (fail ? Promise.reject(new Error('down')) : server.page(cursor)),
      (item) => item.id,
    );
    await feed.load();
    fail = true;
    await feed.peek();
    expect([feed.waiting.value.size, feed.error.value]).toEqual([0, null]);
  });
});
