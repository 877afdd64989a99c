import { render } from 'preact';
import { useRef } from 'preact/hooks';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Player, usePlayer } from '../src/components/live/use-player';

/** Long enough for a busy machine. */
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
  // biome-ignore lint/a11y/useMediaCaption: the test has no speech
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

describe('the player of a stream', () => {
  it('plays with sound when the browser allows it', async () => {
    allowsSound = true;
    await act(async () => render(<Screen />, box()));
    await until(() => expect(video().play).toHaveBeenCalledOnce());
    expect([player.isSilenced, player.muted, video().muted]).toEqual([false, false, false]);
  });

  it('plays muted when the browser requires a click first, and with sound after it', async () => {
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
