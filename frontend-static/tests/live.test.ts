import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveApi } from '../src/api/live';
import { ApiError } from '../src/api/problem';
import type { Live, LiveMessage, ServerEvents } from '../src/api/types';
import { subject } from '../src/auth/session';
import * as configuration from '../src/config';
import { Viewing } from '../src/live/viewing';
import { broadcast, createLive, startBroadcast, startBroadcasts, stopBroadcast } from '../src/state/broadcast';
import { broadcastMedia, openBroadcastMedia, toggleBroadcastMicrophone } from '../src/state/broadcast-media';
import * as ice from '../src/state/call-ice';
import { liveChats, loadLiveMessages, resetLiveChats, sendLiveMessage, startLiveChats } from '../src/state/live-chat';
import { applyLive, hasLive, lives, loadLive, loadRunningLives, resetLives, runningLives } from '../src/state/lives';
import * as connection from '../src/state/realtime';
import { HOST, LIVE } from './a-live';
import { FakeSfu, Line } from './fake-sfu';

/** Long enough for a busy machine. */
const until = (holds: () => void) => vi.waitFor(holds, 30_000);
vi.setConfig({ testTimeout: 60_000 });

const ENDED: Live = { ...LIVE, state: 'ended', endedAt: '2026-01-01T00:10:00.000Z', revision: 6 };
const OVER = new ApiError('live-over', 409, { type: 'about:blank', title: 'over', status: 409 });
const MISSING = new ApiError('not-found', 404, { type: 'about:blank', title: 'none', status: 404 });

const handlers = new Map<string, (data: never) => void>();
let sfu: FakeSfu;
let lines: Line[] = [];

class KeptLine extends Line {
  constructor() {
    super();
    lines.push(this);
  }
}

function tell<K extends keyof ServerEvents>(name: K, data: ServerEvents[K]): void {
  handlers.get(name)!(data as never);
}

/** Access with `token`: the fake media server uses the token as the page's id. */
function pass(path: string, token: string) {
  return { url: `http://sfu${path}`, token, expiresAt: new Date(Date.now() + 60_000).toISOString() };
}

function track(kind: 'audio' | 'video'): MediaStreamTrack {
  return { kind, enabled: true, stop: vi.fn(), onended: null } as unknown as MediaStreamTrack;
}

beforeEach(() => {
  vi.useFakeTimers();
  sfu = new FakeSfu();
  lines = [];
  vi.stubGlobal('RTCPeerConnection', KeptLine);
  vi.stubGlobal('fetch', sfu.fetch);
  vi.spyOn(ice, 'iceServers').mockResolvedValue({ iceServers: [], expiresAt: null });
  vi.spyOn(configuration, 'config').mockReturnValue({ sfu: 'http://sfu' } as configuration.Config);
  vi.spyOn(connection, 'onServerEvent').mockImplementation((name, handler) => {
    handlers.set(name, handler as (data: never) => void);
    return () => undefined;
  });
  subject.value = 'tom';
});
afterEach(() => {
  stopBroadcast();
  resetLives();
  resetLiveChats();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('live streams', () => {
  it('are hidden without a media server', async () => {
    vi.spyOn(configuration, 'config').mockReturnValue({ sfu: null } as configuration.Config);
    const asked = vi.spyOn(liveApi, 'running');
    await loadRunningLives();
    expect([hasLive(), asked.mock.calls.length]).toEqual([false, 0]);
  });

  it('keep the newest revision, regardless of the order of arrival', () => {
    applyLive(ENDED);
    applyLive(LIVE);
    expect(lives.value['l-1']).toEqual(ENDED);
  });

  it('are listed as running until they end', async () => {
    const waiting = { ...LIVE, id: 'l-2', state: 'waiting' as const };
    vi.spyOn(liveApi, 'running').mockResolvedValue({ items: [LIVE, waiting], older: null, newer: null });
    await loadRunningLives();
    expect(runningLives.value).toEqual([LIVE]);
    applyLive(ENDED);
    expect(runningLives.value).toEqual([]);
  });

  it('are stored as null when the viewer may not see them', async () => {
    vi.spyOn(liveApi, 'read').mockRejectedValue(MISSING);
    await loadLive('l-1');
    expect(lives.value['l-1']).toBeNull();
  });
});

describe('a viewer', () => {
  const view = () => vi.spyOn(liveApi, 'view').mockResolvedValue({ ...pass('/whep/r/mio', 'tom'), viewers: 5 });

  it('receives the stream, renews its view and sends each newer token to the media server', async () => {
    applyLive(LIVE);
    const asked = view();
    const left = vi.spyOn(liveApi, 'leave').mockReturnValue();
    await sfu.fetch('http://sfu/whip/r/mio', { method: 'POST', headers: { authorization: 'Bearer mio' } });
    const viewing = new Viewing('l-1');
    await until(() => expect(viewing.state.value).toBe('connected'));
    expect([viewing.tracks.value.length, lives.value['l-1']?.viewers]).toEqual([4, 5]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(sfu.renewals).toEqual(['tom']);
    viewing.stop();
    await until(() => expect(sfu.list).toEqual(['whip mio']));
    expect(left).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('leaves again when the server responds after the first leave', async () => {
    let answer: (pass: Awaited<ReturnType<typeof liveApi.view>>) => void = () => undefined;
    vi.spyOn(liveApi, 'view').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const left = vi.spyOn(liveApi, 'leave').mockReturnValue();
    new Viewing('l-1').stop();
    answer({ ...pass('/whep/r/mio', 'tom'), viewers: 1 });
    await until(() => expect(left).toHaveBeenCalledTimes(2));
    expect(sfu.list).toEqual([]);
  });

  it('learns from a refusal that the stream has ended', async () => {
    applyLive(LIVE);
    vi.spyOn(liveApi, 'view').mockRejectedValue(OVER);
    vi.spyOn(liveApi, 'leave').mockReturnValue();
    vi.spyOn(liveApi, 'read').mockResolvedValue(ENDED);
    const viewing = new Viewing('l-1');
    await until(() => expect(lives.value['l-1']).toEqual(ENDED));
    viewing.stop();
  });
});

describe('a host', () => {
  const [microphone, camera] = [track('audio'), track('video')];

  beforeEach(async () => {
    const stream = { getAudioTracks: () => [microphone], getVideoTracks: () => [camera] };
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: async () => stream } });
    startBroadcasts();
    await openBroadcastMedia();
  });

  it('sends one audio and one video track, with renewed tokens, until the stream has ended', async () => {
    applyLive(LIVE);
    const renewed = vi.spyOn(liveApi, 'ingest').mockImplementation(async () => pass('/whip/r/mio', 'mio'));
    await startBroadcast('l-1', pass('/whip/r/mio', 'mio'));
    await until(() => expect(broadcast.value?.state).toBe('connected'));
    expect(sfu.list).toEqual(['whip mio']);
    expect(lines[0]?.getSenders().map((sender) => sender.track)).toEqual([microphone, camera]);
    // At once, so that the server sees it, and then periodically
    await vi.advanceTimersByTimeAsync(16_000);
    expect([renewed.mock.calls.length, sfu.renewals]).toEqual([2, ['mio', 'mio']]);
    applyLive(ENDED);
    await until(() => expect(sfu.list).toEqual([]));
    expect(broadcast.value).toBeNull();
    expect(camera.stop).toHaveBeenCalled();
    expect(broadcastMedia.value.tracks).toEqual({});
    await vi.advanceTimersByTimeAsync(120_000);
    expect(renewed).toHaveBeenCalledTimes(2);
  });

  it('sends silence and keeps the microphone when muted', async () => {
    await toggleBroadcastMicrophone();
    expect([microphone.enabled, broadcastMedia.value.muted]).toEqual([false, true]);
    await toggleBroadcastMicrophone();
    expect([microphone.enabled, broadcastMedia.value.muted]).toEqual([true, false]);
  });

  it('gets the current stream instead of a second one', async () => {
    subject.value = 'mio';
    vi.spyOn(liveApi, 'start').mockRejectedValue(OVER);
    vi.spyOn(liveApi, 'running').mockResolvedValue({ items: [LIVE], older: null, newer: null });
    expect(await createLive('Another', 'public')).toEqual(LIVE);
  });
});

describe('the chat beside a stream', () => {
  const said = (id: string, minute: number): LiveMessage => ({
    id,
    author: HOST,
    text: id,
    createdAt: `2026-01-01T00:0${minute}:00.000Z`,
  });
  const shown = () => liveChats.value['l-1']?.messages.map(({ id }) => id);

  it('shows each message once, by time, from the API and from events', async () => {
    startLiveChats();
    vi.spyOn(liveApi, 'messages').mockResolvedValue({ items: [said('b', 2), said('a', 1)], older: null, newer: null });
    vi.spyOn(liveApi, 'say').mockImplementation(async () => said('d', 4));
    await loadLiveMessages('l-1');
    tell('live.message', { liveId: 'l-1', message: said('d', 4) });
    await sendLiveMessage('l-1', 'd');
    tell('live.message', { liveId: 'l-1', message: said('c', 3) });
    tell('live.message', { liveId: 'l-2', message: said('x', 3) });
    expect(shown()).toEqual(['a', 'b', 'c', 'd']);
    expect(liveChats.value['l-2']).toBeUndefined();
  });
});
