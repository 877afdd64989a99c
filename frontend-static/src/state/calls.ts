/** The one call that a person can be in: what the server says about it, and what this device does. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Author, Call, CallMedia, CallSignal, CallState } from '../api/types';
import { subject } from '../auth/session';
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
}

export const active = signal<ActiveCall | null>(null);

const OVER: ReadonlySet<CallState> = new Set(['ended', 'declined', 'busy', 'missed', 'cancelled', 'failed']);
const CONNECT_TIMEOUT_MS = 25_000;

let peer: Peer | null = null;
let early: CallSignal[] = [];
let connectTimer: ReturnType<typeof setTimeout> | undefined;

function update(change: Partial<ActiveCall>): void {
  if (active.peek()) active.value = { ...active.peek()!, ...change };
}

async function devices(media: CallMedia): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, video: media === 'video' });
  } catch (error) {
    toast(t('call.noDevice'), { kind: 'error' });
    throw error;
  }
}

/** Actions go by the socket when it stands, else over HTTP: both end in the same state machine. */
async function act(id: string, action: 'accept' | 'decline' | 'hangup'): Promise<void> {
  const socket = live();
  if (socket) await socket.request(`call.${action}`, { callId: id }).catch(() => api.answerCall(id, action));
  else await api.answerCall(id, action);
}

/** @throws ApiError */
export async function placeCall(other: Author, media: CallMedia): Promise<void> {
  if (active.peek()) return;
  const local = await devices(media).catch(() => null);
  if (!local) return;
  try {
    const call = await api.startCall(other.id, media);
    if (OVER.has(call.state)) {
      stopStream(local);
      return announceEnd(call.state);
    }
    active.value = { call, other, phase: 'calling', local, remote: null, muted: false, cameraOff: false, connectedAt: null };
  } catch (error) {
    stopStream(local);
    throw error;
  }
}

export async function acceptCall(): Promise<void> {
  const current = active.peek();
  if (current?.phase !== 'incoming') return;
  const local = await devices(current.call.media).catch(() => null);
  if (!local) return declineCall();
  update({ local, phase: 'connecting' });
  try {
    await act(current.call.id, 'accept');
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
    api.iceServers().then((answer) => answer.iceServers, () => []),
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
  announceEnd('failed');
  void hangUp();
}

function announceEnd(state: CallState): void {
  const key = `call.${state}`;
  toast(isKey(key) && OVER.has(state) ? t(key as 'call.ended') : t('call.ended'));
}

function stopStream(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
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
  active.value = { call, other, phase: 'incoming', local: null, remote: null, muted: false, cameraOff: false, connectedAt: null };
}

/** After a reconnect: the call may have gone on without us hearing it. */
async function resync(): Promise<void> {
  const current = active.peek();
  if (!current) return;
  const call = await api.call(current.call.id).catch((error: unknown) => (error instanceof ApiError && error.status === 404 ? null : current.call));
  if (!call || OVER.has(call.state)) {
    announceEnd(call?.state ?? 'ended');
    close();
  } else if (current.phase === 'calling' && call.state === 'accepted') await accepted(call);
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
    announceEnd(call.state);
    close();
  });
  on('call.signal', (message) => {
    if (active.peek()?.call.id !== message.callId) return;
    if (peer) void peer.receive(message);
    else early.push(message);
  });
  onConnected(() => void resync());
}

export function resetCalls(): void {
  if (active.peek()) void hangUp();
}
