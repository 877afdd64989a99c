/** The one call that a person can be in: what the server says about it, and what this device does. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Author, Call, CallMedia, CallSignal, CallState } from '../api/types';
import { session, subject } from '../auth/session';
import { type DeviceProblem, deviceAdvice, openDevices, stopStream } from '../calls/devices';
import type { Peer, PeerState } from '../calls/peer';
import { isKey, t } from '../i18n';
import { getTransport, onConnected, onServerEvent } from './realtime';
import { showError, showToast } from './toasts';

export type Phase = 'calling' | 'incoming' | 'connecting' | 'connected' | 'reconnecting';

export interface ActiveCall {
  call: Call;
  other: Author;
  phase: Phase;
  local: MediaStream | null;
  remote: MediaStream | null;
  muted: boolean;
  cameraOff: boolean;
  connectedAt: number | null;
  /** Why this device could not answer; the call goes on ringing. */
  problem: DeviceProblem | null;
}

/** A call that could not be placed, because another one of the same person is still on. */
export interface CallConflict {
  by: string;
  other: Author;
  media: CallMedia;
}

export const activeCall = signal<ActiveCall | null>(null);
export const callConflict = signal<CallConflict | null>(null);

const OVER: ReadonlySet<CallState> = new Set(['ended', 'declined', 'busy', 'missed', 'cancelled', 'failed']);
const CONNECT_TIMEOUT_MS = 25_000;

let peer: Peer | null = null;
let earlySignals: CallSignal[] = [];
let connectTimer: ReturnType<typeof setTimeout> | undefined;

function updateCall(change: Partial<ActiveCall>): void {
  if (activeCall.peek()) activeCall.value = { ...activeCall.peek()!, ...change };
}

/** Actions go by the socket when it stands, else over HTTP: both end in the same state machine. */
async function sendAction(id: string, action: 'accept' | 'decline' | 'hangup'): Promise<void> {
  const socket = getTransport();
  if (!socket) return void (await sendActionOverHttp(id, action));
  await socket.request(`call.${action}`, { callId: id }).catch(() => sendActionOverHttp(id, action));
}

/** Over HTTP the server does not learn which connection takes part. */
async function sendActionOverHttp(id: string, action: 'accept' | 'decline' | 'hangup'): Promise<void> {
  await api.answerCall(id, action);
  if (action === 'accept') void joinFromThisConnection(id);
}

/** This page takes part in the call by the connection that it has now; null where the server did not take it. */
async function joinFromThisConnection(id: string): Promise<Call | null> {
  const answer = await getTransport()
    ?.request<{ call: Call }>('call.here', { callId: id }, { retries: 2 })
    .catch(() => null);
  return answer?.call ?? null;
}

/** Microphone and camera are being asked for, which may take as long as the person takes. */
let asking = false;

async function requestDevices(media: CallMedia): Promise<MediaStream | DeviceProblem | null> {
  if (asking) return null;
  asking = true;
  try {
    return await openDevices(media);
  } finally {
    asking = false;
  }
}

/** @throws ApiError */
export async function placeCall(other: Author, media: CallMedia): Promise<void> {
  if (activeCall.peek()) return;
  const local = await requestDevices(media);
  if (typeof local === 'string') return showToast(deviceAdvice(local, media), { kind: 'error' });
  if (!local) return;
  const me = subject.peek();
  try {
    if (activeCall.peek()) return stopStream(local); // Somebody called while the devices were asked for.
    const call = await api.startCall(other.id, media);
    if (OVER.has(call.state)) {
      stopStream(local);
      return announceEnd(call);
    }
    if (session.peek() !== 'in' || subject.peek() !== me) return stopStream(local);
    activeCall.value = {
      call,
      other,
      phase: 'calling',
      local,
      remote: null,
      muted: false,
      cameraOff: false,
      connectedAt: null,
      problem: null,
    };
    void resyncCall(); // Says that this page takes part, and hears of an answer that was faster.
  } catch (error) {
    stopStream(local);
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const by = error.fields.find(({ field }) => field === 'callId')?.got;
    await explainConflict(typeof by === 'string' ? by : null, other, media);
  }
}

/** The server has another call of this person. */
async function explainConflict(by: string | null, other: Author, media: CallMedia): Promise<void> {
  if (!by) return showToast(t('call.tryAgain'), { kind: 'error' });
  const call = await api.call(by);
  if (call.state === 'ringing' && call.calleeId === subject.peek())
    return showToast(t('call.answerFirst'), { kind: 'error' });
  callConflict.value = { by, other, media };
}

/** @throws ApiError */
export async function endAndCallAgain({ by, other, media }: CallConflict): Promise<void> {
  await sendAction(by, 'hangup');
  await placeCall(other, media);
}

/** The devices come first: a call that this one can't take is not accepted for all of them. */
export async function acceptCall(): Promise<void> {
  const current = activeCall.peek();
  if (current?.phase !== 'incoming') return;
  const { id, media } = current.call;
  const local = await requestDevices(media);
  const now = activeCall.peek();
  const ringing = now?.call.id === id && now.phase === 'incoming';
  if (!local || typeof local === 'string') return ringing && local ? updateCall({ problem: local }) : undefined;
  if (!ringing) return stopStream(local);
  updateCall({ local, phase: 'connecting', problem: null });
  try {
    await sendAction(id, 'accept');
    await connect(true);
  } catch (error) {
    showError(error);
    closeCall();
  }
}

export async function declineCall(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await sendAction(id, 'decline').catch(() => undefined);
}

export async function hangUp(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await sendAction(id, 'hangup').catch(() => undefined);
}

export function toggleMicrophone(): void {
  const current = activeCall.peek();
  if (!current?.local) return;
  for (const track of current.local.getAudioTracks()) track.enabled = current.muted;
  updateCall({ muted: !current.muted });
}

export function toggleCamera(): void {
  const current = activeCall.peek();
  if (!current?.local) return;
  for (const track of current.local.getVideoTracks()) track.enabled = current.cameraOff;
  updateCall({ cameraOff: !current.cameraOff });
}

/** The caller offers; the callee is the polite side of the negotiation. */
async function connect(polite: boolean): Promise<void> {
  const current = activeCall.peek();
  if (!current?.local) return;
  const callId = current.call.id;
  const [{ Peer }, servers] = await Promise.all([
    import('../calls/peer'),
    api.iceServers().then(
      (answer) => answer.iceServers,
      () => [],
    ),
  ]);
  if (activeCall.peek()?.call.id !== callId) return;
  peer = new Peer({
    polite,
    iceServers: servers,
    stream: current.local,
    send: (message) => getTransport()?.send('call.signal', { callId, ...message }),
    onStream: (remote) => updateCall({ remote }),
    onState: applyPeerState,
  });
  connectTimer = setTimeout(() => failCall(), CONNECT_TIMEOUT_MS);
  const waitingSignals = earlySignals;
  earlySignals = [];
  for (const message of waitingSignals) await peer.receive(message);
}

function applyPeerState(state: PeerState): void {
  if (state === 'connected') {
    clearTimeout(connectTimer);
    updateCall({ phase: 'connected', connectedAt: activeCall.peek()?.connectedAt ?? Date.now() });
  } else if (state === 'reconnecting') {
    updateCall({ phase: 'reconnecting' });
    clearTimeout(connectTimer);
    connectTimer = setTimeout(() => failCall(), CONNECT_TIMEOUT_MS);
  }
}

function failCall(): void {
  showToast(t('call.outcome.failed'));
  void hangUp();
}

/** In words: who left, or how else it ended. */
function announceEnd(call: Call | null): void {
  const state = call?.state ?? 'ended';
  if (call && state === 'ended' && (call.reason === 'caller_left' || call.reason === 'callee_left')) {
    const mine = (call.reason === 'caller_left') === (call.callerId === subject.peek());
    showToast(mine ? t('call.youLeft') : t('call.otherLeft', activeCall.peek()?.other.displayName ?? ''));
  } else if (call && state === 'missed' && call.calleeId === subject.peek()) showToast(t('call.missedHere'));
  else {
    const key = `call.outcome.${state}`;
    showToast(isKey(key) && OVER.has(state) ? t(key as 'call.outcome.ended') : t('call.outcome.ended'));
  }
}

function closeCall(): void {
  clearTimeout(connectTimer);
  peer?.close();
  peer = null;
  earlySignals = [];
  stopStream(activeCall.peek()?.local ?? null);
  activeCall.value = null;
}

async function applyRinging(call: Call): Promise<void> {
  if (call.calleeId !== subject.peek() || activeCall.peek()) return;
  const other = await api.user(call.callerId).catch(() => null);
  if (!other || activeCall.peek()) return;
  activeCall.value = {
    call,
    other,
    phase: 'incoming',
    local: null,
    remote: null,
    muted: false,
    cameraOff: false,
    connectedAt: null,
    problem: null,
  };
}

/** After a reconnect: the call may have gone on without us hearing it, and we take part by a new connection. */
async function resyncCall(): Promise<void> {
  const current = activeCall.peek();
  if (!current) return;
  const call = await fetchCall(current);
  if (activeCall.peek()?.call.id !== current.call.id) return;
  if (!call || OVER.has(call.state)) {
    announceEnd(call);
    closeCall();
  } else if (call.state !== 'ringing') await applyAccepted(call);
}

/** The call as the server has it; null when it is not there, as it was when nothing can be learned. */
async function fetchCall({ call, phase }: ActiveCall): Promise<Call | null> {
  const here = phase === 'incoming' ? null : await joinFromThisConnection(call.id);
  if (here) return here;
  return api.call(call.id).catch((error: unknown) => (error instanceof ApiError && error.status === 404 ? null : call));
}

async function applyAccepted(call: Call): Promise<void> {
  const current = activeCall.peek();
  if (current?.call.id !== call.id) return;
  if (current.phase === 'incoming') return closeCall(); // Another device of ours was faster.
  if (current.phase !== 'calling') return;
  updateCall({ call, phase: 'connecting' });
  await connect(false);
}

export function startCalls(): void {
  onServerEvent('call.ringing', ({ call }) => void applyRinging(call));
  onServerEvent('call.accepted', ({ call }) => void applyAccepted(call));
  onServerEvent('call.ended', ({ call }) => {
    if (activeCall.peek()?.call.id !== call.id) return;
    announceEnd(call);
    closeCall();
  });
  onServerEvent('call.signal', (message) => {
    if (activeCall.peek()?.call.id !== message.callId) return;
    if (peer) void peer.receive(message);
    else earlySignals.push(message);
  });
  onConnected(() => void resyncCall());
  addEventListener('pagehide', leavePage);
}

/**
 * A page that the browser keeps for "Back" (`persisted`) may return: the server gives it some seconds. Any other says
 * that it leaves, both ways: each may be lost with the page, and the second to arrive changes nothing.
 */
function leavePage({ persisted }: PageTransitionEvent): void {
  const current = activeCall.peek();
  if (persisted || !current || current.phase === 'incoming') return;
  getTransport()?.send('call.hangup', { callId: current.call.id, leaving: true });
  api.leaveCall(current.call.id);
}

let windows = 0;

/**
 * The call's window says that it is on the screen, and by what is returned that it no longer is. A microphone is never
 * live without one: whatever takes the window away ends the call, unless another takes its place at once.
 */
export function showCallWindow(): () => void {
  windows += 1;
  return () => {
    windows -= 1;
    setTimeout(() => windows === 0 && activeCall.peek()?.local && void hangUp());
  };
}

export function resetCalls(): void {
  callConflict.value = null;
  if (activeCall.peek()) void hangUp();
}
