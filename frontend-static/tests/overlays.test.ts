import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Overlay } from '../src/lib/overlays';

/** A history whose traversals are asynchronous, like a browser's. */
class FakeHistory {
  entries: { state: unknown; url: string }[] = [{ state: null, url: '/' }];
  at = 0;
  scrollRestoration = 'auto';
  get state(): unknown {
    return this.entries[this.at]!.state;
  }
  pushState(state: unknown, _: string, url?: string | URL): void {
    this.entries = [...this.entries.slice(0, this.at + 1), { state, url: path(url) ?? this.entries[this.at]!.url }];
    this.at += 1;
  }
  replaceState(state: unknown, _: string, url?: string | URL): void {
    this.entries[this.at] = { state, url: path(url) ?? this.entries[this.at]!.url };
  }
  go(steps: number): void {
    setTimeout(() => {
      if (!this.entries[this.at + steps]) return;
      this.at += steps;
      dispatchEvent(new PopStateEvent('popstate', { state: this.state }));
    }, 5);
  }
  get urls(): string[] {
    return this.entries.map(({ url }) => url);
  }
}

const path = (url?: string | URL) => (url === undefined ? undefined : new URL(url, 'http://localhost').pathname);
const page = (to: string) => new URL(to, 'http://localhost');

let browser: FakeHistory;
let overlays: typeof import('../src/lib/overlays');
let pages: number;
let heard: EventListener[];

/** The listeners of a test are removed before the next one. */
const listen = window.addEventListener.bind(window);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  for (const one of heard ?? []) removeEventListener('popstate', one);
  heard = [];
  vi.stubGlobal('addEventListener', (name: string, handler: EventListener) => {
    heard.push(handler);
    listen(name, handler);
  });
  browser = new FakeHistory();
  vi.stubGlobal('history', browser);
  overlays = await import('../src/lib/overlays');
  pages = 0;
  overlays.startOverlays(() => (pages += 1));
});

const settled = () => vi.advanceTimersByTimeAsync(2000);

/** A component that closes on request. */
function show(refuses = false): { overlay: Overlay; isOpen: boolean; close: () => void } {
  const shown = {
    isOpen: true,
    overlay: { close: () => (refuses ? false : shown.close()) } as Overlay,
    close: () => {
      shown.isOpen = false;
      leave();
    },
  };
  const leave = overlays.openOverlay(shown.overlay);
  return shown;
}

async function back(steps = -1): Promise<void> {
  browser.go(steps);
  await settled();
}

describe('an overlay in the browser history', () => {
  it('closes on Back, and a second Back leaves the page', async () => {
    overlays.showPage(page('/public'), false);
    const dialog = show();
    await back();
    expect([dialog.isOpen, browser.urls[browser.at]]).toEqual([false, '/public']);
    await back();
    expect(browser.urls[browser.at]).toBe('/');
  });

  it('leaves no history entry when it closes in another way', async () => {
    overlays.showPage(page('/public'), false);
    show().close();
    await settled();
    expect(browser.at).toBe(1);
    await back();
    expect(browser.urls[browser.at]).toBe('/');
  });

  it('closes before the overlay below it', async () => {
    const [lower, upper] = [show(), show()];
    expect(browser.at).toBe(2);
    await back();
    expect([lower.isOpen, upper.isOpen]).toEqual([true, false]);
    await back();
    expect([lower.isOpen, browser.at]).toEqual([false, 0]);
  });

  it('passes its entry to an overlay that opens from it', async () => {
    const menu = show();
    menu.close();
    const dialog = show();
    await settled();
    expect([browser.at, browser.entries.length, dialog.isOpen]).toEqual([1, 2, true]);
  });

  it('can refuse to close, and Back asks again', async () => {
    const composer = show(true);
    await back();
    await back();
    expect([composer.isOpen, browser.at]).toEqual([true, 1]);
    const question = show();
    expect(browser.at).toBe(2);
    await back();
    expect([composer.isOpen, question.isOpen, browser.at]).toEqual([true, false, 1]);
  });

  it('is replaced in the history by the page that it leads to', async () => {
    const [lower, upper] = [show(), show()];
    overlays.showPage(page('/@mika'), false);
    expect([lower.isOpen, upper.isOpen]).toEqual([false, false]);
    await settled();
    expect(browser.urls.slice(0, browser.at + 1)).toEqual(['/', '/@mika']);
    await back();
    expect(browser.at).toBe(0);
    expect(overlays.entry().overlays).toBeUndefined();
  });

  it('is removed when another page replaces its page', async () => {
    overlays.showPage(page('/messages/g1'), false);
    show();
    overlays.showPage(page('/messages'), true);
    await settled();
    expect(browser.urls.slice(0, browser.at + 1)).toEqual(['/', '/messages']);
    expect(overlays.entry()).toEqual({ depth: 1 });
  });

  it('does not open again on Forward', async () => {
    const dialog = show();
    await back();
    await back(1);
    expect([dialog.isOpen, browser.at]).toEqual([false, 0]);
  });

  it('is closed after a reload', async () => {
    show();
    vi.resetModules();
    for (const one of heard) removeEventListener('popstate', one);
    overlays = await import('../src/lib/overlays');
    overlays.startOverlays(() => undefined);
    await settled();
    expect(browser.at).toBe(0);
  });

  it('keeps the scroll position of the page below it', async () => {
    vi.stubGlobal('scrollY', 640);
    show();
    overlays.showPage(page('/@mika'), false);
    await back();
    expect(overlays.entry().scroll).toBe(640);
  });

  it('does not block navigation when the browser drops a traversal', async () => {
    show().close();
    await Promise.resolve();
    browser.go = () => undefined;
    overlays.showPage(page('/public'), false);
    await settled();
    expect(browser.urls[browser.at]).toBe('/public');
  });

  it('closes when its page is left', async () => {
    overlays.showPage(page('/messages/g1'), false);
    const panel = show();
    overlays.leavePage();
    await settled();
    expect([panel.isOpen, browser.at]).toEqual([false, 0]);
  });

  it('does not notify the router when it closes', async () => {
    show().close();
    await settled();
    expect(pages).toBe(0);
  });
});
