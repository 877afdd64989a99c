import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { ApiError, networkError } from '../src/api/problem';
import type { Author, Call, ServerEvents } from '../src/api/types';
import { session, subject } from '../src/auth/session';
import type { RealtimeTransport } from '../src/realtime/transport';
import { activeCall, closeCall, hangUp, openCall } from '../src/state/active-call';
import { PAGE_SESSION } from '../src/state/call-actions';
import { startCalls } from '../src/state/call-events';
import { SIGN_OF_LIFE_MS } from '../src/state/call-presence';
import { acceptCall, endResumable, placeCall, resumableCall, resumeCall } from '../src/state/calls';
import * as connection from '../src/state/realtime';
import { toasts } from '../src/state/toasts';
import { FakeConnection } from './fake-connection';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const TALK: Call = {
  id: 'c',
  callerId: 'tom',
  calleeId: 'mio',
  media: 'audio',
  state: 'connected',
  createdAt: '2026-01-01T00:00:00.000Z',
  answeredAt: '2026-01-01T00:00:05.000Z',
  endedAt: null,
  reason: null,
  epoch: 2,
  callerSession: 'page-of-tom',
  calleeSession: 'former-page',
  away: ['mio'],
};
const HERE: Call = { ...TALK, epoch: 3, calleeSession: PAGE_SESSION, away: [] };

const request = vi.fn<(action: string, data: unknown) => Promise<unknown>>();
const handlers: { [K in keyof ServerEvents]?: (data: ServerEvents[K]) => void } = {};
let connects: () => void = () => undefined;
const microphone = { stop: vi.fn(), enabled: true };

beforeEach(() => {
  vi.stubGlobal('RTCPeerConnection', FakeConnection);
  const stream = { getTracks: () => [microphone], getAudioTracks: () => [microphone], getVideoTracks: () => [] };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve(stream) }, onLine: true });
  vi.spyOn(connection, 'getTransport').mockReturnValue({ request, send: vi.fn() } as unknown as RealtimeTransport);
  vi.spyOn(connection, 'onConnected').mockImplementation((handler) => {
    connects = handler;
    return () => false;
  });
  vi.spyOn(connection, 'onServerEvent').mockImplementation((type, handler) => {
    handlers[type] = handler as never;
    return () => false;
  });
  vi.spyOn(api, 'iceServers').mockResolvedValue({ iceServers: [], expiresAt: null });
  request
    .mockReset()
    .mockImplementation((action) =>
      Promise.resolve(action === 'call.current' ? { current: { call: TALK, other: TOM } } : { call: HERE }),
    );
  session.value = 'in';
  subject.value = 'mio';
  toasts.value = [];
  startCalls();
});
afterEach(() => {
  closeCall();
  resumableCall.value = null;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function asked(): Promise<void> {
  connects();
  await vi.waitFor(() => expect(request).toHaveBeenCalledWith('call.current', {}, expect.anything()));
}

describe('a call that was hung up without a network', () => {
  it('is ended at the next connection and not offered again', async () => {
    let live = true;
    let isCut = true;
    const told = vi.spyOn(api, 'answerCall').mockRejectedValue(networkError('no network'));
    request.mockImplementation(async (action) => {
      if (isCut) throw networkError('no network');
      if (action === 'call.hangup') live = false;
      return action === 'call.current' ? { current: live ? { call: TALK, other: TOM } : null } : { call: HERE };
    });
    openCall(HERE, TOM, 'connecting');
    await hangUp();
    expect(told).toHaveBeenCalledTimes(1);
    isCut = false;
    connects();
    await vi.waitFor(() => expect(request).toHaveBeenCalledWith('call.current', {}, expect.anything()));
    expect(live).toBe(false);
    expect(resumableCall.value).toBeNull();
    request.mockClear();
    await asked();
    expect(request).not.toHaveBeenCalledWith('call.hangup', expect.anything());
  });
});

describe('a reopened page', () => {
  it('offers to rejoin its call and then joins immediately', async () => {
    await asked();
    await vi.waitFor(() => expect(resumableCall.value).toMatchObject({ call: TALK, other: TOM }));
    expect(activeCall.value).toBeNull();
    await resumeCall();
    const data = { callId: 'c', session: PAGE_SESSION, takeOver: true };
    expect(request).toHaveBeenCalledWith('call.here', data, expect.anything());
    expect(activeCall.value).toMatchObject({ call: HERE, phase: 'connecting' });
    expect(resumableCall.value).toBeNull();
  });

  it('can end the call instead', async () => {
    resumableCall.value = { call: TALK, other: TOM, problem: null };
    await endResumable();
    expect(request).toHaveBeenCalledWith('call.hangup', { callId: 'c', session: PAGE_SESSION });
    expect(resumableCall.value).toBeNull();
  });

  it('stops offering the call when it is over', async () => {
    resumableCall.value = { call: TALK, other: TOM, problem: null };
    handlers['call.ended']!({ call: { ...TALK, state: 'ended' } });
    expect(resumableCall.value).toBeNull();
  });

  it('rings for an incoming call', async () => {
    const ringing: Call = { ...TALK, state: 'ringing', calleeSession: null, away: [], epoch: 1 };
    request.mockResolvedValue({ current: { call: ringing, other: TOM } });
    await asked();
    await vi.waitFor(() => expect(activeCall.value).toMatchObject({ call: ringing, phase: 'incoming' }));
  });

  it('rejoins the call when the viewer calls the same person', async () => {
    await placeCall(TOM, 'audio');
    const offered = { description: expect.objectContaining({ type: 'offer' }) };
    const asked = { calleeId: 'tom', media: 'audio', session: PAGE_SESSION, ...offered };
    expect(request).toHaveBeenCalledWith('call.start', asked);
    expect(activeCall.value).toMatchObject({ call: HERE, phase: 'connecting' });
  });
});

describe('a call being set up', () => {
  const RINGING: Call = {
    ...TALK,
    callerId: 'mio',
    calleeId: 'tom',
    state: 'ringing',
    epoch: 1,
    callerSession: PAGE_SESSION,
    calleeSession: null,
    away: [],
  };

  it('is accepted even when the acceptance arrives before the response to the request', async () => {
    let begin = (_: unknown): void => undefined;
    request.mockReturnValue(new Promise((resolve) => (begin = resolve)));
    const placing = placeCall(TOM, 'audio');
    await vi.waitFor(() => expect(request).toHaveBeenCalledWith('call.start', expect.anything()));
    handlers['call.accepted']!({ call: { ...RINGING, state: 'accepted', calleeSession: 'page-of-tom' } });
    begin({ call: RINGING });
    await placing;
    expect(activeCall.value).toMatchObject({ phase: 'connecting', call: { state: 'accepted' } });
    expect(request.mock.calls.map(([action]) => action)).not.toContain('call.here');
  });

  it('shows the caller without a request and sends the answer with the acceptance', async () => {
    const ringing: Call = { ...RINGING, callerId: 'tom', calleeId: 'mio', callerSession: 'page-of-tom' };
    const asked = vi.spyOn(api, 'user');
    handlers['call.ringing']!({ call: ringing, caller: TOM, offer: { type: 'offer', sdp: 'theirs' } });
    expect(activeCall.value).toMatchObject({ phase: 'incoming', other: TOM });
    expect(asked).not.toHaveBeenCalled();
    request.mockResolvedValue({ call: { ...ringing, state: 'connected', calleeSession: PAGE_SESSION } });
    await acceptCall();
    const description = { type: 'answer', sdp: 'mine' };
    const accepted = { callId: 'c', epoch: 1, description, session: PAGE_SESSION };
    expect(request).toHaveBeenCalledWith('call.accept', accepted);
  });
});

describe('a page in a call', () => {
  beforeEach(() => openCall(HERE, TOM, 'connected'));

  it('sends a heartbeat every few seconds', () => {
    closeCall();
    vi.useFakeTimers();
    openCall(HERE, TOM, 'connected');
    vi.advanceTimersByTime(2 * SIGN_OF_LIFE_MS);
    const here = request.mock.calls.filter(([action]) => action === 'call.here');
    expect(here.length).toBeGreaterThanOrEqual(2);
  });

  it('leaves the call when another page of the same person joins it', () => {
    handlers['call.updated']!({ call: { ...HERE, epoch: 4, calleeSession: 'other-page' } });
    expect(activeCall.value).toBeNull();
    expect(toasts.value[0]!.text).toMatch(/continues in another window/);
  });

  it('reconnects when the other side rejoins from another page', async () => {
    const again = { ...HERE, epoch: 4, callerSession: 'next-page' };
    handlers['call.updated']!({ call: again });
    await vi.waitFor(() => expect(activeCall.value).toMatchObject({ call: again, phase: 'connecting' }));
  });

  it('learns from a refused heartbeat that the call has ended', async () => {
    const over = new ApiError('call-over', 409, { type: 'call-over', title: 'Over', status: 409 });
    request.mockRejectedValue(over);
    vi.spyOn(api, 'call').mockResolvedValue({ ...HERE, state: 'ended', reason: 'caller_left' });
    connects();
    await vi.waitFor(() => expect(activeCall.value).toBeNull());
    expect(toasts.value[0]!.text).toBe('Tom left the call.');
  });

  it('ignores the acceptance that it sent itself', () => {
    openCall({ ...HERE, state: 'ringing' }, TOM, 'incoming');
    handlers['call.accepted']!({ call: HERE });
    expect(activeCall.value).not.toBeNull();
    handlers['call.accepted']!({ call: { ...HERE, calleeSession: 'phone' } });
    expect(activeCall.value).toBeNull();
  });
});
