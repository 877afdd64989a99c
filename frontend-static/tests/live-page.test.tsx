import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveApi } from '../src/api/live';
import { ApiError } from '../src/api/problem';
import type { Live } from '../src/api/types';
import { subject } from '../src/auth/session';
import * as configuration from '../src/config';
import { GoLivePage } from '../src/pages/go-live';
import { LivePage } from '../src/pages/live';
import * as broadcasts from '../src/state/broadcast';
import * as media from '../src/state/broadcast-media';
import { resetLiveChats } from '../src/state/live-chat';
import { applyLive, resetLives } from '../src/state/lives';
import { setLanguage } from '../src/state/settings';
import { HOST, LIVE } from './a-live';

/** Long enough for a busy machine. */
const until = (holds: () => void) => vi.waitFor(holds, 30_000);
vi.setConfig({ testTimeout: 60_000 });

const BUSY = new ApiError('too-many-requests', 429, { type: 'about:blank', title: 'busy', status: 429 });
const MISSING = new ApiError('not-found', 404, { type: 'about:blank', title: 'none', status: 404 });
const MALFORMED = new ApiError('bad-request', 400, { type: 'about:blank', title: 'no id', status: 400 });
const NOTHING = { items: [], older: null, newer: null };

const TRACK = { kind: 'audio', stop: () => undefined } as MediaStreamTrack;

const box = () => document.querySelector('#box')!;
const text = () => box().textContent ?? '';
const button = (name: string) =>
  [...box().querySelectorAll('button')].find(
    (one) => (one.getAttribute('aria-label') ?? one.textContent)?.trim() === name,
  )!;

async function show(live: Live | ApiError, viewer = 'tom'): Promise<void> {
  subject.value = viewer;
  const answer = vi.spyOn(liveApi, 'read');
  if (live instanceof ApiError) answer.mockRejectedValue(live);
  else answer.mockResolvedValue(live);
  await act(async () => render(<LivePage id="l-1" />, box()));
}

beforeEach(() => {
  setLanguage('en');
  document.body.innerHTML = '<div id="box"></div>';
  vi.spyOn(configuration, 'config').mockReturnValue({ sfu: 'http://sfu' } as configuration.Config);
  vi.spyOn(liveApi, 'messages').mockResolvedValue(NOTHING);
  vi.spyOn(liveApi, 'running').mockResolvedValue(NOTHING);
  vi.spyOn(liveApi, 'view').mockReturnValue(new Promise(() => undefined));
  vi.spyOn(liveApi, 'leave').mockReturnValue();
  vi.spyOn(media, 'openBroadcastMedia').mockResolvedValue();
});
afterEach(async () => {
  await act(async () => render(null, box()));
  media.closeBroadcastMedia();
  resetLives();
  resetLiveChats();
  vi.restoreAllMocks();
});

describe('the page of a live stream', () => {
  it('shows the title and the number of viewers', async () => {
    await show(LIVE);
    expect(text()).toContain('Baking bread');
    expect(text()).toContain('2 viewers');
    await until(() => expect(text()).toContain('Connecting …'));
    expect(button('End stream')).toBeUndefined();
  });

  it('shows the interruption and then the end', async () => {
    await show(LIVE);
    await act(() => applyLive({ ...LIVE, interrupted: true, revision: 5 }));
    expect(text()).toContain('The stream was interrupted');
    await act(() => applyLive({ ...LIVE, state: 'ended', endedAt: '2026-01-01T01:02:08.000Z', revision: 6 }));
    expect(text()).toContain('This stream has ended');
    expect(text()).toContain('Duration: 1:02:03 · Most viewers at once: 3');
    expect(box().querySelector('textarea')).toBeNull();
    expect(liveApi.leave).toHaveBeenCalledOnce();
  });

  it('announces the end, and moves the focus from the field that disappears', async () => {
    await show(LIVE);
    const news = box().querySelector('[data-live-news]')!;
    expect(news.textContent).toBe(`${HOST.displayName} is live now`);
    box().querySelector('textarea')!.focus();
    await act(() => applyLive({ ...LIVE, state: 'ended', endedAt: '2026-01-01T01:02:08.000Z', revision: 5 }));
    expect(news.textContent).toBe('This stream has ended');
    expect(document.activeElement).toBe(box().querySelector('.live-main'));
  });

  it('tells the host on a reloaded page that no media arrive', async () => {
    await show({ ...LIVE, interrupted: true }, HOST.id);
    expect(text()).toContain('Your stream is interrupted');
    await act(() => applyLive({ ...LIVE, revision: 5 }));
    expect(text()).toContain('Another page or program is sending this stream.');
  });

  it.each([MISSING, MALFORMED])('says that the stream was not found (%o)', async (problem) => {
    await show(problem);
    expect(text()).toContain('Stream not found');
  });

  it('keeps the text of a message that could not be sent', async () => {
    await show(LIVE);
    const field = box().querySelector('textarea')!;
    const say = vi.spyOn(liveApi, 'say').mockRejectedValueOnce(BUSY);
    await act(() => {
      field.value = 'Hello';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await act(async () => button('Send').click());
    await until(() => expect(field.readOnly).toBe(false));
    expect(field.value).toBe('Hello');
    say.mockResolvedValue({ id: 'm', author: HOST, text: 'Hello', createdAt: '2026-01-01T00:01:00.000Z' });
    await act(async () => button('Send').click());
    await until(() => expect(field.value).toBe(''));
    expect(box().querySelector('[role=log]')?.textContent).toContain('Hello');
  });
});

describe('the page of a host', () => {
  it('shows the URL and the token on request, and ends the stream after a confirmation', async () => {
    const ingest = { url: 'http://sfu/whip/l-1/host', token: 'secret', expiresAt: '2026-01-01T12:00:00.000Z' };
    const asked = vi.spyOn(liveApi, 'ingest').mockResolvedValue(ingest);
    await show({ ...LIVE, state: 'waiting', startedAt: null }, 'mio');
    expect([asked.mock.calls.length, box().innerHTML.includes('secret')]).toEqual([0, false]);
    await act(async () => button('Show the URL and the token').click());
    expect(asked).toHaveBeenCalledWith('l-1', { program: true });
    const values = [...box().querySelectorAll('input')].map(({ type, value }) => [type, value]);
    expect(values).toEqual([
      ['text', ingest.url],
      ['password', 'secret'],
    ]);
    const end = vi.spyOn(liveApi, 'end').mockResolvedValue({ ...LIVE, state: 'ended', revision: 6 });
    await act(async () => button('End stream').click());
    expect(end).not.toHaveBeenCalled();
    const [, confirm] = [...box().querySelectorAll('button')].filter((one) => one.textContent === 'End stream');
    await act(async () => confirm!.click());
    expect(text()).toContain('Your stream has ended');
  });

  it('sends from this page only what a device gives', async () => {
    await show({ ...LIVE, interrupted: true }, HOST.id);
    const resumed = vi.spyOn(broadcasts, 'resumeBroadcast').mockReturnValue();
    vi.mocked(media.openBroadcastMedia).mockImplementation(async () => {
      media.broadcastMedia.value = { tracks: {}, muted: false, problems: { camera: 'refused' } };
    });
    await act(async () => button('Stream from this browser').click());
    expect(resumed).not.toHaveBeenCalled();
    expect(box().querySelector('.live-problems')?.textContent).toContain('may not use the camera');
    vi.mocked(media.openBroadcastMedia).mockImplementation(async () => {
      media.broadcastMedia.value = { tracks: { microphone: TRACK }, muted: false, problems: {} };
    });
    await act(async () => button('Stream from this browser').click());
    expect(resumed).toHaveBeenCalledExactlyOnceWith('l-1');
  });

  it('starts no stream without a device, except for a program', async () => {
    subject.value = 'mio';
    await act(async () => render(<GoLivePage />, box()));
    await until(() => expect(button('Go live')).toBeDefined());
    const title = box().querySelector('input')!;
    await act(() => {
      title.value = 'Bread';
      title.dispatchEvent(new Event('input', { bubbles: true }));
    });
    expect([button('Go live').disabled, text().includes('Turn on your microphone')]).toEqual([true, true]);
    await act(() => {
      media.broadcastMedia.value = { tracks: { microphone: TRACK }, muted: false, problems: {} };
    });
    expect([button('Go live').disabled, text().includes('Turn on your microphone')]).toEqual([false, false]);
    await act(() => {
      media.closeBroadcastMedia();
      box().querySelectorAll<HTMLInputElement>('input[name=source]')[1]!.click();
    });
    expect(button('Continue').disabled).toBe(false);
  });

  it('links to the current stream of the host', async () => {
    subject.value = 'mio';
    vi.spyOn(liveApi, 'running').mockResolvedValue({ ...NOTHING, items: [LIVE] });
    await act(async () => render(<GoLivePage />, box()));
    await until(() => expect(box().querySelector('a')?.getAttribute('href')).toBe('/live/l-1'));
    expect(media.openBroadcastMedia).not.toHaveBeenCalled();
  });
});
