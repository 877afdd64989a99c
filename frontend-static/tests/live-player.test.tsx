import { render } from 'preact';
import { useRef } from 'preact/hooks';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Player, usePlayer } from '../src/components/live/use-player';

/** Longer than a busy machine needs. */
const until = (holds: () => void) => vi.waitFor(holds, 30_000);
vi.setConfig({ testTimeout: 60_000 });

const TRACKS = [{ kind: 'audio' }, { kind: 'video' }] as MediaStreamTrack[];
const box = () => document.querySelector('#box')!;
const video = () => box().querySelector('video')!;

let player: Player;
/** Whether the browser permits sound without a click. */
let allowsSound: boolean;

function Screen() {
  const ref = useRef<HTMLVideoElement>(null);
  player = usePlayer(ref, TRACKS, false);
  // biome-ignore lint/a11y/useMediaCaption: nothing is said
  return <video ref={ref} />;
}

beforeEach(() => {
  document.body.innerHTML = '<div id="box"></div>';
  vi.stubGlobal('MediaStream', class {});
  vi.spyOn(HTMLMediaElement.prototype, 'srcObject', 'set').mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(async function (this: HTMLMediaElement) {
    if (!this.muted && !allowsSound) throw Object.assign(new Error('no press yet'), { name: 'NotAllowedError' });
  });
});
afterEach(async () => {
  await act(async () => render(null, box()));
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a stream that begins to play', () => {
  it('has its sound where the browser lets it', async () => {
    allowsSound = true;
    await act(async () => render(<Screen />, box()));
    await until(() => expect(video().play).toHaveBeenCalledOnce());
    expect([player.isSilenced, player.muted, video().muted]).toEqual([false, false, false]);
  });

  it('plays without it where a press is wanted first, and with it after that', async () => {
    allowsSound = false;
    await act(async () => render(<Screen />, box()));
    await until(() => expect(player.isSilenced).toBe(true));
    expect([player.muted, video().muted]).toEqual([true, true]);
    allowsSound = true;
    await act(async () => player.setMuted(false));
    expect([player.isSilenced, player.muted, video().muted]).toEqual([false, false, false]);
    expect(video().play).toHaveBeenCalledTimes(3);
  });
});
