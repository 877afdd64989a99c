/** The one call that a person can be in: what the server says about it, and what this device does. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Author, Call, CallMedia, CallSignal, CallState } from '../api/types';
import { session, subject } from '../auth/session';
import { type DeviceProblem, deviceAdvice, openDevices, stopStream } from '../calls/devices';
import type { Peer, PeerState } from '../calls/peer';
import { isKey, t } from '../i18n';
import { live, on, onConnected } from './live';
import { toast, toastError } from './toasts';

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
export interface HeldUp {
  by: string;
  other: Author;
  media: CallMedia;
}

export const active = signal<ActiveCall | null>(null);
export const heldUp = signal<HeldUp | null>(null);

const OVER: ReadonlySet<CallState> = new Set(['ended', 'declined', 'busy', 'missed', 'cancelled', 'failed']);
const CONNECT_TIMEOUT_MS = 25_000;

let peer: Peer | null = null;
let early: CallSignal[] = [];
let connectTimer: ReturnType<typeof setTimeout> | undefined;

function update(change: Partial<ActiveCall>): void {
  if (active.peek()) active.value = { ...active.peek()!, ...change };
}

/** Actions go by the socket when it stands, else over HTTP: both end in the same state machine. */
async function act(id: string, action: 'accept' | 'decline' | 'hangup'): Promise<void> {
  const socket = live();
  if (!socket) return void (await overHttp(id, action));
  await socket.request(`call.${action}`, { callId: id }).catch(() => overHttp(id, action));
}

/** Over HTTP the server does not learn which connection takes part. */
async function overHttp(id: string, action: 'accept' | 'decline' | 'hangup'): Promise<void> {
  await api.answerCall(id, action);
  if (action === 'accept') void sayHere(id);
}

/** This page takes part in the call by the connection that it has now; null where the server did not take it. */
async function sayHere(id: string): Promise<Call | null> {
  const answer = await live()
    ?.request<{ call: Call }>('call.here', { callId: id }, { retries: 2 })
    .catch(() => null);
  return answer?.call ?? null;
}

/** Microphone and camera are being asked for, which may take as long as the person takes. */
let asking = false;

async function ask(media: CallMedia): Promise<MediaStream | DeviceProblem | null> {
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
  if (active.peek()) return;
  const local = await ask(media);
  if (typeof local === 'string') return toast(deviceAdvice(local, media), { kind: 'error' });
  if (!local) return;
  const me = subject.peek();
  try {
    if (active.peek()) return stopStream(local); // Somebody called while the devices were asked for.
    const call = await api.startCall(other.id, media);
    if (OVER.has(call.state)) {
      stopStream(local);
      return announceEnd(call);
    }
    if (session.peek() !== 'in' || subject.peek() !== me) return stopStream(local);
    active.value = {
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
    void resync(); // Says that this page takes part, and hears of an answer that was faster.
  } catch (error) {
    stopStream(local);
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const by = error.fields.find(({ field }) => field === 'callId')?.got;
    await explain(typeof by === 'string' ? by : null, other, media);
  }
}

/** The server has another call of this person. */
async function explain(by: string | null, other: Author, media: CallMedia): Promise<void> {
  if (!by) return toast(t('call.tryAgain'), { kind: 'error' });
  const call = await api.call(by);
  if (call.state === 'ringing' && call.calleeId === subject.peek())
    return toast(t('call.answerFirst'), { kind: 'error' });
  heldUp.value = { by, other, media };
}

/** @throws ApiError */
export async function endAndCallAgain({ by, other, media }: HeldUp): Promise<void> {
  await act(by, 'hangup');
  await placeCall(other, media);
}

/** The devices come first: a call that this one can't take is not accepted for all of them. */
export async function acceptCall(): Promise<void> {
  const current = active.peek();
  if (current?.phase !== 'incoming') return;
  const { id, media } = current.call;
  const local = await ask(media);
  const now = active.peek();
  const ringing = now?.call.id === id && now.phase === 'incoming';
  if (!local || typeof local === 'string') return ringing && local ? update({ problem: local }) : undefined;
  if (!ringing) return stopStream(local);
  update({ local, phase: 'connecting', problem: null });
  try {
    await act(id, 'accept');
    await connect(true);
  } catch (error) {
    toastError(error);
    close();
  }
}

export async function declineCall(): Promise<void> {
  const id = active.peek()?.call.id;
  close();
  if (id) await act(id, 'decline').catch(() => undefined);
}

export async function hangUp(): Promise<void> {
  const id = active.peek()?.call.id;
  close();
  if (id) await act(id, 'hangup').catch(() => undefined);
}

export function toggleMute(): void {
  const current = active.peek();
  if (!current?.local) return;
  for (const track of current.local.getAudioTracks()) track.enabled = current.muted;
  update({ muted: !current.muted });
}

export function toggleCamera(): void {
  const current = active.peek();
  if (!current?.local) return;
  for (const track of current.local.getVideoTracks()) track.enabled = current.cameraOff;
  update({ cameraOff: !current.cameraOff });
}

/** The caller offers; the callee is the polite side of the negotiation. */
async function connect(polite: boolean): Promise<void> {
  const current = active.peek();
  if (!current?.local) return;
  const callId = current.call.id;
  const [{ Peer }, servers] = await Promise.all([
    import('../calls/peer'),
    api.iceServers().then(
      (answer) => answer.iceServers,
      () => [],
    ),
  ]);
  if (active.peek()?.call.id !== callId) return;
  peer = new Peer({
    polite,
    iceServers: servers,
    stream: current.local,
    send: (message) => live()?.send('call.signal', { callId, ...message }),
    onStream: (remote) => update({ remote }),
    onState: follow,
  });
  connectTimer = setTimeout(() => fail(), CONNECT_TIMEOUT_MS);
  const waitingSignals = early;
  early = [];
  for (const message of waitingSignals) await peer.receive(message);
}

function follow(state: PeerState): void {
  if (state === 'connected') {
    clearTimeout(connectTimer);
    update({ phase: 'connected', connectedAt: active.peek()?.connectedAt ?? Date.now() });
  } else if (state === 'reconnecting') {
    update({ phase: 'reconnecting' });
    clearTimeout(connectTimer);
    connectTimer = setTimeout(() => fail(), CONNECT_TIMEOUT_MS);
  }
}

function fail(): void {
  toast(t('call.outcome.failed'));
  void hangUp();
}

/** In words: who left, or how else it ended. */
function announceEnd(call: Call | null): void {
  const state = call?.state ?? 'ended';
  if (call && state === 'ended' && (call.reason === 'caller_left' || call.reason === 'callee_left')) {
    const mine = (call.reason === 'caller_left') === (call.callerId === subject.peek());
    toast(mine ? t('call.youLeft') : t('call.otherLeft', active.peek()?.other.displayName ?? ''));
  } else if (call && state === 'missed' && call.calleeId === subject.peek()) toast(t('call.missedHere'));
  else {
    const key = `call.outcome.${state}`;
    toast(isKey(key) && OVER.has(state) ? t(key as 'call.outcome.ended') : t('call.outcome.ended'));
  }
}

function close(): void {
  clearTimeout(connectTimer);
  peer?.close();
  peer = null;
  early = [];
  stopStream(active.peek()?.local ?? null);
  active.value = null;
}

async function ring(call: Call): Promise<void> {
  if (call.calleeId !== subject.peek() || active.peek()) return;
  const other = await api.user(call.callerId).catch(() => null);
  if (!other || active.peek()) return;
  active.value = {
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
async function resync(): Promise<void> {
  const current = active.peek();
  if (!current) return;
  const call = await standing(current);
  if (active.peek()?.call.id !== current.call.id) return;
  if (!call || OVER.has(call.state)) {
    announceEnd(call);
    close();
  } else if (call.state !== 'ringing') await accepted(call);
}

/** The call as the server has it; null when it is not there, as it was when nothing can be learned. */
async function standing({ call, phase }: ActiveCall): Promise<Call | null> {
  const here = phase === 'incoming' ? null : await sayHere(call.id);
  if (here) return here;
  return api.call(call.id).catch((error: unknown) => (error instanceof ApiError && error.status === 404 ? null : call));
}

async function accepted(call: Call): Promise<void> {
  const current = active.peek();
  if (current?.call.id !== call.id) return;
  if (current.phase === 'incoming') return close(); // Another device of ours was faster.
  if (current.phase !== 'calling') return;
  update({ call, phase: 'connecting' });
  await connect(false);
}

export function startCalls(): void {
  on('call.ringing', ({ call }) => void ring(call));
  on('call.accepted', ({ call }) => void accepted(call));
  on('call.ended', ({ call }) => {
    if (active.peek()?.call.id !== call.id) return;
    announceEnd(call);
    close();
  });
  on('call.signal', (message) => {
    if (active.peek()?.call.id !== message.callId) return;
    if (peer) void peer.receive(message);
    else early.push(message);
  });
  onConnected(() => void resync());
  addEventListener('pagehide', leavePage);
}

/**
 * A page that the browser keeps for "Back" (`persisted`) may return: the server gives it some seconds. Any other says
 * that it leaves, both ways: each may be lost with the page, and the second to arrive changes nothing.
 */
function leavePage({ persisted }: PageTransitionEvent): void {
  const current = active.peek();
  if (persisted || !current || current.phase === 'incoming') return;
  live()?.send('call.hangup', { callId: current.call.id, leaving: true });
  api.leaveCall(current.call.id);
}

let windows = 0;

/**
 * The call's window says that it is on the screen, and by what is returned that it no longer is. A microphone is never
 * live without one: whatever takes the window away ends the call, unless another takes its place at once.
 */
export function windowShown(): () => void {
  windows += 1;
  return () => {
    windows -= 1;
    setTimeout(() => windows === 0 && active.peek()?.local && void hangUp());
  };
}

export function resetCalls(): void {
  heldUp.value = null;
  if (active.peek()) void hangUp();
}
