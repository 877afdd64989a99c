import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { ApiError } from '../src/api/problem';
import type { Author, Call } from '../src/api/types';
import { session, subject } from '../src/auth/session';
import type { RealtimeTransport } from '../src/realtime/transport';
import { type ActiveCall, activeCall, closeCall } from '../src/state/active-call';
import { PAGE_SESSION } from '../src/state/call-actions';
import { startCalls } from '../src/state/call-events';
import { closeMedia, ownMedia, sentTracks, startMedia } from '../src/state/call-media';
import { silencedWords } from '../src/state/call-news';
import { isMinimised } from '../src/state/call-view';
import { acceptCall, callConflict, callHindrance, placeCall, showCallWindow } from '../src/state/calls';
import * as connection from '../src/state/realtime';
import { toasts } from '../src/state/toasts';
import { FakeConnection } from './fake-connection';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const CALL: Call = {
  id: 'c',
  callerId: 'tom',
  calleeId: 'mio',
  media: 'audio',
  state: 'ringing',
  answeredAt: null,
  endedAt: null,
  reason: null,
  epoch: 1,
  callerSession: null,
  calleeSession: null,
  away: [],
  createdAt: '2026-01-01T00:00:00.000Z',
};

class Microphone {
  live = true;
  readonly track = { stop: () => (this.live = false), enabled: true } as unknown as MediaStreamTrack;
  readonly stream = {
    getTracks: () => [this.track],
    getAudioTracks: () => [this.track],
    getVideoTracks: () => [],
  } as unknown as MediaStream;
}

function state(phase: ActiveCall['phase']): ActiveCall {
  return { call: CALL, other: TOM, phase, connectedAt: null, problem: null };
}

const getUserMedia = vi.fn<(wanted: MediaStreamConstraints) => Promise<MediaStream>>();
const answered = vi.spyOn(api, 'answerCall');
const left = vi.spyOn(api, 'leaveCall');

beforeEach(() => {
  vi.stubGlobal('RTCPeerConnection', FakeConnection);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia }, onLine: true });
  answered.mockReset().mockResolvedValue(CALL);
  left.mockReset().mockReturnValue(undefined);
  getUserMedia.mockReset();
  subject.value = 'mio';
  toasts.value = [];
});
afterEach(() => {
  closeCall();
  activeCall.value = callConflict.value = callHindrance.value = null;
  vi.unstubAllGlobals();
});

describe('an unavailable device', () => {
  it.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'taken'],
  ])('keeps the call ringing and names the problem (%s)', async (name, problem) => {
    getUserMedia.mockRejectedValue(new DOMException('no', name));
    activeCall.value = state('incoming');
    await acceptCall();
    expect(activeCall.value).toMatchObject({ phase: 'incoming', problem });
    expect(answered).not.toHaveBeenCalled();
  });

  it('still allows answering without a microphone', async () => {
    getUserMedia.mockRejectedValue(new DOMException('no', 'NotFoundError'));
    activeCall.value = state('incoming');
    await acceptCall(true);
    expect(answered).toHaveBeenCalledWith('c', 'accept', PAGE_SESSION);
    expect(activeCall.value).toMatchObject({ phase: 'connecting', problem: null });
    expect(ownMedia.value).toMatchObject({ tracks: {}, problems: { microphone: 'missing' } });
  });

  it('still allows answering a video call without the camera', async () => {
    const microphone = new Microphone();
    getUserMedia.mockImplementation(({ video }) =>
      video ? Promise.reject(new DOMException('no', 'NotReadableError')) : Promise.resolve(microphone.stream),
    );
    activeCall.value = { ...state('incoming'), call: { ...CALL, media: 'video' } };
    await acceptCall();
    expect(answered).toHaveBeenCalledWith('c', 'accept', PAGE_SESSION);
    expect(ownMedia.value).toMatchObject({ tracks: { microphone: microphone.track }, problems: { camera: 'taken' } });
    expect(ownMedia.value.tracks.camera).toBeUndefined();
  });

  it('starts no call and offers to call without a microphone', async () => {
    const started = vi.spyOn(api, 'startCall');
    getUserMedia.mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    await placeCall(TOM, 'audio');
    expect(started).not.toHaveBeenCalled();
    expect(callHindrance.value).toMatchObject({ other: TOM, media: 'audio', problem: 'refused' });
  });
});

describe('an answer', () => {
  const refusal = (slug: string, status: number) => new ApiError(slug, status, { type: slug, title: slug, status });

  it.each([
    ['call-elsewhere', 409, 'You answered on another device.', null],
    ['network', 0, expect.any(String), 'incoming'],
  ] as const)(
    'closes the microphone and shows the reason when it is refused (%s)',
    async (slug, status, words, phase) => {
      const microphone = new Microphone();
      getUserMedia.mockResolvedValue(microphone.stream);
      answered.mockRejectedValue(refusal(slug, status));
      activeCall.value = state('incoming');
      await acceptCall();
      expect(microphone.live).toBe(false);
      expect(toasts.value.map(({ text }) => text)).toEqual([words]);
      expect(activeCall.value?.phase ?? null).toBe(phase);
    },
  );

  it('changes nothing when another call has replaced its own', async () => {
    getUserMedia.mockResolvedValue(new Microphone().stream);
    let refuse = (_: Error): void => undefined;
    answered.mockReturnValue(new Promise((_, reject) => (refuse = reject)));
    activeCall.value = state('incoming');
    const accepting = acceptCall();
    await vi.waitFor(() => expect(answered).toHaveBeenCalled());
    activeCall.value = { ...state('incoming'), call: { ...CALL, id: 'next' } };
    refuse(refusal('call-over', 409));
    await accepting;
    expect(activeCall.value).toMatchObject({ phase: 'incoming', call: { id: 'next' } });
    expect(toasts.value).toEqual([]);
  });
});

describe('placing a second call', () => {
  it('opens one microphone and starts one call after a double click', async () => {
    const microphones = [new Microphone(), new Microphone()];
    getUserMedia.mockResolvedValueOnce(microphones[0]!.stream).mockResolvedValueOnce(microphones[1]!.stream);
    let begin = (_: Call): void => undefined;
    const started = vi.spyOn(api, 'startCall').mockReturnValue(new Promise((resolve) => (begin = resolve)));
    started.mockClear();
    session.value = 'in';
    const first = placeCall(TOM, 'audio');
    await vi.waitFor(() => expect(started).toHaveBeenCalled());
    await placeCall(TOM, 'audio');
    begin({ ...CALL, callerId: 'mio', calleeId: 'tom', callerSession: PAGE_SESSION });
    await first;
    expect(activeCall.value?.phase).toBe('calling');
    expect(started).toHaveBeenCalledTimes(1);
    expect(getUserMedia).toHaveBeenCalledTimes(1);
  });

  it('shows the reason, or expands the call with the same person', async () => {
    const ivo = { ...TOM, id: 'ivo' };
    activeCall.value = state('incoming');
    await placeCall(ivo, 'audio');
    activeCall.value = state('connected');
    await placeCall(ivo, 'audio');
    isMinimised.value = true;
    await placeCall(TOM, 'audio');
    expect(isMinimised.value).toBe(false);
    expect(toasts.value.map(({ text }) => text)).toEqual([
      'You have an incoming call. Answer or decline it first.',
      'You are in another call. End it first.',
    ]);
    expect(getUserMedia).not.toHaveBeenCalled();
  });
});

describe('a microphone', () => {
  it('is closed when another one replaces it', () => {
    const [before, after] = [new Microphone(), new Microphone()];
    startMedia({ microphone: before.track, camera: null, problems: {} });
    startMedia({ microphone: after.track, camera: null, problems: {} });
    expect([before.live, after.live]).toEqual([false, true]);
  });

  it('is closed when the call ended before the permission was given', async () => {
    const microphone = new Microphone();
    let allow = (_: MediaStream): void => undefined;
    getUserMedia.mockReturnValue(new Promise((resolve) => (allow = resolve)));
    activeCall.value = state('incoming');
    const accepting = acceptCall();
    activeCall.value = null;
    allow(microphone.stream);
    await accepting;
    expect(microphone.live).toBe(false);
    expect(answered).not.toHaveBeenCalled();
  });

  it('is closed when the call window disappears', async () => {
    const microphone = new Microphone();
    startMedia({ microphone: microphone.track, camera: null, problems: {} });
    activeCall.value = state('connected');
    const gone = showCallWindow();
    const replaced = showCallWindow();
    gone();
    await new Promise((resolve) => setTimeout(resolve));
    expect(microphone.live).toBe(true);
    replaced();
    await vi.waitFor(() => expect(microphone.live).toBe(false));
    expect(activeCall.value).toBeNull();
    expect(answered).toHaveBeenCalledWith('c', 'hangup', PAGE_SESSION);
  });

  it('is closed when the browser cannot create a connection', async () => {
    const microphone = new Microphone();
    getUserMedia.mockResolvedValue(microphone.stream);
    vi.stubGlobal('RTCPeerConnection', function None() {
      throw new Error('WebRTC is off');
    });
    await expect(placeCall(TOM, 'audio')).rejects.toThrow('WebRTC is off');
    expect(microphone.live).toBe(false);
  });

  it('is closed when the other person accepts no calls, and the caller sees the reason', async () => {
    const microphone = new Microphone();
    getUserMedia.mockResolvedValue(microphone.stream);
    const problem = { type: 'forbidden', title: 'Forbidden', status: 403 };
    vi.spyOn(api, 'startCall').mockRejectedValue(new ApiError('forbidden', 403, problem));
    await placeCall(TOM, 'audio');
    expect(microphone.live).toBe(false);
    expect(toasts.value.map(({ text }) => text)).toEqual(['You can’t call Tom.']);
  });

  it('is closed when the server has another call, which the viewer can end', async () => {
    const microphone = new Microphone();
    getUserMedia.mockResolvedValue(microphone.stream);
    const problem = {
      type: 'conflict',
      title: 'Conflict',
      status: 409,
      errors: [{ field: 'callId', expected: 'none', got: 'old' }],
    };
    vi.spyOn(api, 'startCall').mockRejectedValue(new ApiError('conflict', 409, problem));
    vi.spyOn(api, 'call').mockResolvedValue({ ...CALL, id: 'old', state: 'connected' });
    await placeCall(TOM, 'audio');
    expect(microphone.live).toBe(false);
    expect(callConflict.value).toMatchObject({ by: 'old', media: 'audio' });
  });
});

describe('a device muted by the system', () => {
  const track = () => ({ stop: vi.fn(), enabled: true, muted: false }) as unknown as MediaStreamTrack;
  const mute = (one: MediaStreamTrack, muted: boolean) => {
    Object.assign(one, { muted });
    (muted ? one.onmute : one.onunmute)?.call(one, new Event('mute'));
  };

  it('sends nothing while it is muted, and the viewer sees a message', () => {
    const [microphone, camera] = [track(), track()];
    startMedia({ microphone, camera, problems: {} });
    expect(silencedWords(ownMedia.value)).toEqual([]);
    mute(microphone, true);
    expect(sentTracks(ownMedia.value)).toEqual({ camera });
    expect(silencedWords(ownMedia.value)).toEqual([expect.stringContaining('muted your microphone')]);
    mute(camera, true);
    expect(sentTracks(ownMedia.value)).toEqual({});
    mute(microphone, false);
    mute(camera, false);
    expect(sentTracks(ownMedia.value)).toEqual({ microphone, camera });
    expect(silencedWords(ownMedia.value)).toEqual([]);
    closeMedia();
    expect([microphone.onmute, camera.onunmute]).toEqual([null, null]);
  });

  it('sends nothing when it is already muted at the start', () => {
    const microphone = Object.assign(track(), { muted: true });
    startMedia({ microphone, camera: null, problems: {} });
    expect(sentTracks(ownMedia.value)).toEqual({});
  });
});

describe('an unanswered call', () => {
  it.each([
    ['tom', 'No answer.'],
    ['mio', 'Missed call'],
  ])('is shown to %s as: %s', async (me, words) => {
    vi.spyOn(api, 'call').mockResolvedValue({ ...CALL, state: 'missed' });
    vi.spyOn(connection, 'onConnected').mockImplementation((handler) => {
      handler();
      return () => false;
    });
    subject.value = me;
    activeCall.value = state('incoming');
    startCalls();
    await vi.waitFor(() => expect(toasts.value.map(({ text }) => text)).toContain(words));
    expect(activeCall.value).toBeNull();
  });
});

describe('a call without an end event', () => {
  it('stops ringing at the time limit', async () => {
    vi.useFakeTimers();
    const asked = vi.spyOn(api, 'call').mockResolvedValue({ ...CALL, state: 'missed' });
    asked.mockClear();
    subject.value = 'mio';
    activeCall.value = state('incoming');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(6_000);
    vi.useRealTimers();
    expect(activeCall.value).toBeNull();
  });
});

describe('a closing page', () => {
  startCalls();
  const goes = (persisted: boolean): void => void dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));

  it('leaves its call over the connection and over HTTP', () => {
    const send = vi.fn();
    vi.spyOn(connection, 'getTransport').mockReturnValue({ send } as unknown as RealtimeTransport);
    activeCall.value = state('connected');
    goes(false);
    expect(send).toHaveBeenCalledWith('call.leave', { callId: 'c', session: PAGE_SESSION });
    expect(left).toHaveBeenCalledWith('c', PAGE_SESSION);
  });

  it('leaves its call over HTTP when it has no connection', () => {
    vi.spyOn(connection, 'getTransport').mockReturnValue(null);
    activeCall.value = state('connected');
    goes(false);
    expect(left).toHaveBeenCalledWith('c', PAGE_SESSION);
  });

  it('sends nothing when the browser caches the page, when the call only rings, or without a call', () => {
    activeCall.value = state('connected');
    goes(true);
    activeCall.value = state('incoming');
    goes(false);
    activeCall.value = null;
    goes(false);
    expect(left).not.toHaveBeenCalled();
  });
});
