import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveApi } from '../src/api/live';
import type { Live } from '../src/api/types';
import { session, subject } from '../src/auth/session';
import { Composer } from '../src/components/composer/composer';
import { PersonRow } from '../src/components/person-row';
import * as configuration from '../src/config';
import { applyLive, resetLives, watchRunningLives } from '../src/state/lives';
import { setLanguage } from '../src/state/settings';
import { HOST, LIVE } from './a-live';

const box = () => document.querySelector('#box')!;
const mark = () => box().querySelector<HTMLAnchorElement>('.live-mark');
const page = (...items: Live[]) => ({ items, older: null, newer: null });
const running = vi.spyOn(liveApi, 'running');
let stop = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  setLanguage('en');
  subject.value = 'tom';
  document.body.innerHTML = '<div id="box"></div>';
  vi.spyOn(configuration, 'config').mockReturnValue({ sfu: 'http://sfu' } as configuration.Config);
});
afterEach(async () => {
  stop();
  await act(async () => render(null, box()));
  session.value = 'out';
  resetLives();
  running.mockReset();
  vi.useRealTimers();
});

describe('the row of a person', () => {
  it('links to their stream while they are live', async () => {
    running.mockResolvedValue(page(LIVE));
    stop = watchRunningLives();
    await act(async () => render(<PersonRow person={HOST} />, box()));
    expect([running.mock.calls.length, mark()]).toEqual([0, null]);
    await act(async () => {
      session.value = 'in';
    });
    expect(mark()?.getAttribute('href')).toBe('/live/l-1');
    expect(mark()?.getAttribute('aria-label')).toBe('Mio is live now');
    await act(async () => applyLive({ ...LIVE, state: 'ended', revision: 9 }));
    expect(mark()).toBeNull();
    running.mockResolvedValue(page({ ...LIVE, id: 'l-2' }));
    await act(async () => {
      await vi.advanceTimersByTimeAsync(30_000);
    });
    expect(mark()?.getAttribute('href')).toBe('/live/l-2');
  });

  it('has no mark when another person is live', async () => {
    running.mockResolvedValue(page(LIVE));
    session.value = 'in';
    stop = watchRunningLives();
    await act(async () => render(<PersonRow person={{ ...HOST, id: 'ami' }} />, box()));
    expect(mark()).toBeNull();
  });
});

describe('a composer', () => {
  it.each([
    [true, '/live'],
    [false, undefined],
  ])('has a button to go live only with offersLive (%s)', async (offersLive, href) => {
    await act(async () => render(<Composer offersLive={offersLive} />, box()));
    expect(box().querySelector('[aria-label="Go live"]')?.getAttribute('href')).toBe(href);
  });
});
