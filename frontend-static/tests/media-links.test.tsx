import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Media, Message, Post } from '../src/api/types';
import { MediaGrid } from '../src/components/media';
import { changeThread, getThread, resetThreads } from '../src/state/chat-thread';
import { renewMessage, renewPost } from '../src/state/media-links';
import { storePost } from '../src/state/posts';

const medium = (hour: string, kind = 'photo'): Media =>
  ({
    id: 'M',
    kind,
    state: 'ready',
    altText: '',
    url: `/o?${hour}`,
    thumbnailUrl: `/t?${hour}`,
    variants: [],
  }) as unknown as Media;
const message = (seq: number, hour: string): Message =>
  ({ conversationId: 'C', seq, rev: 1, media: [medium(hour)] }) as unknown as Message;

let host: HTMLElement;
const show = (media: Media[], renew: () => Promise<void>) =>
  act(() => render(<MediaGrid media={media} renew={renew} />, host));
const fail = (selector: string) =>
  act(() => {
    host.querySelector(selector)!.dispatchEvent(new Event('error'));
  });

beforeEach(() => {
  host = document.createElement('div');
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
  resetThreads();
  vi.restoreAllMocks();
});

describe('expired media links', () => {
  it('are renewed with one request for a post and change nothing else of it', async () => {
    const post = storePost({
      id: 'P',
      version: 3,
      text: 'hello',
      media: [medium('1')],
      quote: null,
      repost: { by: 'x' },
    } as unknown as Post);
    const asked = vi
      .spyOn(api, 'post')
      .mockResolvedValue({ id: 'P', media: [medium('2')], quote: null, repost: null } as unknown as Post);
    await Promise.all([renewPost('P'), renewPost('P')]);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(post.value).toMatchObject({ text: 'hello', repost: { by: 'x' }, media: [{ url: '/o?2' }] });
    await renewPost('P');
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('are renewed for neighbouring messages by the same request', async () => {
    changeThread('C', () => ({ messages: [message(1, 'old'), message(2, 'old')] }));
    const asked = vi
      .spyOn(api, 'messages')
      .mockResolvedValue({ items: [message(1, 'new'), message(2, 'new'), message(3, 'new')] } as never);
    await Promise.all([renewMessage(message(1, 'old')), renewMessage(message(2, 'old'))]);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(getThread('C').messages.map(({ seq, media }) => [seq, media[0]!.url])).toEqual([
      [1, '/o?new'],
      [2, '/o?new'],
    ]);
  });
});

describe('a photo that fails to load', () => {
  it('asks for one new link per failed link, so that deleted media cause no endless requests', async () => {
    const renew = vi.fn(() => Promise.resolve());
    await show([medium('1')], renew);
    await fail('img');
    await fail('img');
    expect(renew).toHaveBeenCalledTimes(1);
    await show([medium('2')], renew);
    expect(host.querySelector('img')!.getAttribute('src')).toBe('/t?2');
    await fail('img');
    expect(renew).toHaveBeenCalledTimes(2);
  });

  it('asks again when the request failed', async () => {
    const renew = vi.fn(() => Promise.reject(new Error('offline')));
    await show([medium('1')], renew);
    await fail('img');
    await fail('img');
    expect(renew).toHaveBeenCalledTimes(2);
  });

  it('is shown in its original size in full screen, also with a renewed link', async () => {
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    const renew = vi.fn(() => Promise.resolve());
    await show([medium('1')], renew);
    await act(() => host.querySelector('button')!.click());
    expect(host.querySelector('dialog img')!.getAttribute('src')).toBe('/o?1');
    await fail('dialog img');
    expect(renew).toHaveBeenCalledTimes(1);
    await show([medium('2')], renew);
    expect(host.querySelector('dialog img')!.getAttribute('src')).toBe('/o?2');
  });
});

describe('a player', () => {
  const player = () => host.querySelector('video')!;
  const playing = (at: number) =>
    Object.defineProperties(player(), {
      currentTime: { value: at, writable: true, configurable: true },
      paused: { value: false, configurable: true },
    });

  it('ignores a new link until the old one fails, then continues at the same position', async () => {
    const renew = vi.fn(() => Promise.resolve());
    await show([medium('1', 'video')], renew);
    playing(7);
    const play = vi.spyOn(player(), 'play').mockResolvedValue();
    await show([medium('2', 'video')], renew);
    expect(player().getAttribute('src')).toBe('/o?1');
    Object.defineProperty(player(), 'error', { value: { code: 2 }, configurable: true });
    await fail('video');
    expect(player().getAttribute('src')).toBe('/o?2');
    expect(renew).not.toHaveBeenCalled();
    player().currentTime = 0;
    await act(() => {
      player().dispatchEvent(new Event('loadedmetadata'));
    });
    expect(player().currentTime).toBe(7);
    expect(play).toHaveBeenCalledTimes(1);
  });

  it('asks for a new link when its only link fails', async () => {
    const renew = vi.fn(() => Promise.resolve());
    await show([medium('1', 'video')], renew);
    await fail('video');
    expect(renew).toHaveBeenCalledTimes(1);
    await show([medium('2', 'video')], renew);
    expect(player().getAttribute('src')).toBe('/o?2');
  });
});

describe('an animated photo', () => {
  const moving = { ...medium('1'), durationMs: 600 } as Media;
  const shown = (where: ParentNode = host) => where.querySelector('img')!.getAttribute('src');
  const press = (label: RegExp, where: ParentNode = host) =>
    act(() =>
      [...where.querySelectorAll('button')].find((one) => label.test(one.getAttribute('aria-label') ?? ''))!.click(),
    );

  it('plays and pauses with its badge', () => {
    show([moving], async () => {});
    expect(shown()).toBe('/t?1');
    press(/^Play the animation/);
    expect(shown()).toBe('/o?1');
    press(/^Pause the animation/);
    expect(shown()).toBe('/t?1');
  });

  it.each([
    [true, '/t?1'],
    [false, '/o?1'],
  ])('in full screen with reduced motion %s shows %s', (reduced, expected) => {
    vi.stubGlobal('matchMedia', () => ({ matches: reduced }));
    HTMLDialogElement.prototype.showModal = () => {};
    HTMLDialogElement.prototype.close = () => {};
    show([moving], async () => {});
    press(/^Open photo/);
    const dialog = host.querySelector('dialog')!;
    expect(shown(dialog)).toBe(expected);
    press(reduced ? /^Play/ : /^Pause/, dialog);
    expect(shown(dialog)).toBe(reduced ? '/o?1' : '/t?1');
    vi.unstubAllGlobals();
  });

  it('has no badge when it is not animated', () => {
    show([medium('1')], async () => {});
    expect(host.querySelector('.motion-badge')).toBeNull();
  });
});
