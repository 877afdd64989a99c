import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { ApiError } from '../src/api/problem';
import type { Author, Call } from '../src/api/types';
import { subject } from '../src/auth/session';
import type { RealtimeTransport } from '../src/realtime/transport';
import { type ActiveCall, activeCall } from '../src/state/active-call';
import { acceptCall, callConflict, placeCall, showCallWindow, startCalls } from '../src/state/calls';
import * as connection from '../src/state/realtime';
import { toasts } from '../src/state/toasts';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const CALL: Call = {
  id: 'c',
  callerId: 'tom',
  calleeId: 'mio',
  media: 'audio',
  state: 'ringing',
  endedAt: null,
  reason: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

class Microphone {
  live = true;
  readonly track = { stop: () => (this.live = false) };
  readonly stream = { getTracks: () => [this.track], getAudioTracks: () => [this.track] } as unknown as MediaStream;
}

function state(phase: ActiveCall['phase'], local: MediaStream | null = null): ActiveCall {
  return {
    call: CALL,
    other: TOM,
    phase,
    local,
    remote: null,
    muted: false,
    cameraOff: false,
    connectedAt: null,
    problem: null,
  };
}

const getUserMedia = vi.fn<(wanted: MediaStreamConstraints) => Promise<MediaStream>>();
const answered = vi.spyOn(api, 'answerCall');
const left = vi.spyOn(api, 'leaveCall');

beforeEach(() => {
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia }, onLine: true });
  answered.mockReset().mockResolvedValue(CALL);
  left.mockReset().mockReturnValue(undefined);
  getUserMedia.mockReset();
  subject.value = 'mio';
  toasts.value = [];
});
afterEach(() => {
  activeCall.value = callConflict.value = null;
  vi.unstubAllGlobals();
});

describe('a device that may not be used', () => {
  it.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'taken'],
  ])('answers nothing (%s), and says what is in the way', async (name, problem) => {
    getUserMedia.mockRejectedValue(new DOMException('no', name));
    activeCall.value = state('incoming');
    await acceptCall();
    expect(activeCall.value).toMatchObject({ phase: 'incoming', problem });
    expect(answered).not.toHaveBeenCalled();
  });

  it('rings nobody', async () => {
    const started = vi.spyOn(api, 'startCall');
    getUserMedia.mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    await placeCall(TOM, 'audio');
    expect(started).not.toHaveBeenCalled();
    expect(toasts.value[0]!.text).toMatch(/may not use the microphone/);
  });
});

describe('a microphone', () => {
  it('is closed when the call was over before the person allowed it', async () => {
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

  it('is not live without a window, whatever took the window away', async () => {
    const microphone = new Microphone();
    activeCall.value = state('connected', microphone.stream);
    const gone = showCallWindow();
    const replaced = showCallWindow();
    gone();
    await new Promise((resolve) => setTimeout(resolve));
    expect(microphone.live).toBe(true);
    replaced();
    await vi.waitFor(() => expect(microphone.live).toBe(false));
    expect(activeCall.value).toBeNull();
    expect(answered).toHaveBeenCalledWith('c', 'hangup');
  });

  it('is closed when another call is still on, which can be ended', async () => {
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

describe('an unanswered call', () => {
  it.each([
    ['tom', 'No answer.'],
    ['mio', 'Missed call'],
  ])('reads to %s: %s', async (me, words) => {
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

describe('a page that goes away', () => {
  startCalls();
  const goes = (persisted: boolean): void => void dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));

  it('says so by its connection and over HTTP when it is in a call', () => {
    const send = vi.fn();
    vi.spyOn(connection, 'getTransport').mockReturnValue({ send } as unknown as RealtimeTransport);
    activeCall.value = state('connected');
    goes(false);
    expect(send).toHaveBeenCalledWith('call.hangup', { callId: 'c', leaving: true });
    expect(left).toHaveBeenCalledWith('c');
  });

  it('says so over HTTP when it has no connection', () => {
    vi.spyOn(connection, 'getTransport').mockReturnValue(null);
    activeCall.value = state('connected');
    goes(false);
    expect(left).toHaveBeenCalledWith('c');
  });

  it('says nothing when the browser keeps it, when it only rings here, and without a call', () => {
    activeCall.value = state('connected');
    goes(true);
    activeCall.value = state('incoming');
    goes(false);
    activeCall.value = null;
    goes(false);
    expect(left).not.toHaveBeenCalled();
  });
});
