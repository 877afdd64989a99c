import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FeedList } from '../src/components/feed-list';
import { createFeed } from '../src/state/feed';
import { setLanguage } from '../src/state/settings';

const box = () => document.querySelector('#box')!;
const feedOf = (...items: string[]) =>
  createFeed(
    async () => ({ items, older: null, newer: null }),
    (item: string) => item,
  );

async function show(feed: ReturnType<typeof feedOf>, waits: boolean, above: string): Promise<void> {
  const row = (item: string) => <p>{item}</p>;
  const list = <FeedList feed={feed} row={row} keyOf={(item) => item} empty="nothing" waits={waits} above={above} />;
  await act(async () => render(list, box()));
}

describe('a feed', () => {
  beforeEach(() => {
    setLanguage('en');
    document.body.innerHTML = '<div id="box"></div>';
    globalThis.IntersectionObserver ??= class {
      observe() {}
      disconnect() {}
    } as never;
  });
  afterEach(() => render(null, box()));

  it('appears together with the content above it, so that nothing moves down', async () => {
    const feed = feedOf('post');
    await show(feed, true, '');
    await act(async () => feed.load());
    expect(box().textContent).toBe('');
    await show(feed, false, 'pinned');
    expect(box().textContent).toContain('pinned');
    expect(box().textContent).toContain('post');
  });

  it('shows that it is empty below the content above it', async () => {
    const feed = feedOf();
    await feed.load();
    await show(feed, false, 'pinned');
    expect(box().textContent).toBe('pinnednothing');
  });
});
