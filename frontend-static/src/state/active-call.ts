/** The call that this device takes part in: its state, its devices and its peer connection. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { Author, Call, CallSignalEvent, CallState } from '../api/types';
import { subject } from '../auth/session';
import { type DeviceProblem, stopStream } from '../calls/devices';
import type { Peer, PeerState } from '../calls/peer';
import { isKey, t } from '../i18n';
import { sendCallAction } from './call-actions';
import { getTransport } from './realtime';
import { showToast } from './toasts';

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

export const activeCall = signal<ActiveCall | null>(null);

const OVER: ReadonlySet<CallState> = new Set(['ended', 'declined', 'busy', 'missed', 'cancelled', 'failed']);
const CONNECT_TIMEOUT_MS = 25_000;

let peer: Peer | null = null;
let earlySignals: CallSignalEvent[] = [];
let connectTimer: ReturnType<typeof setTimeout> | undefined;

export const isOver = (call: Call): boolean => OVER.has(call.state);

/** @param phase `calling` with the devices of this page, `incoming` before they are asked for */
export function openCall(call: Call, other: Author, phase: Phase, local: MediaStream | null): void {
  const now = { remote: null, muted: false, cameraOff: false, connectedAt: null, problem: null };
  activeCall.value = { call, other, phase, local, ...now };
}

export function updateCall(change: Partial<ActiveCall>): void {
  if (activeCall.peek()) activeCall.value = { ...activeCall.peek()!, ...change };
}

/** The caller offers; the callee is the polite side of the negotiation. */
export async function connectPeer(polite: boolean): Promise<void> {
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

export function receiveSignal(message: CallSignalEvent): void {
  if (activeCall.peek()?.call.id !== message.callId) return;
  if (peer) void peer.receive(message);
  else earlySignals.push(message);
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
export function announceEnd(call: Call | null): void {
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

export function closeCall(): void {
  clearTimeout(connectTimer);
  peer?.close();
  peer = null;
  earlySignals = [];
  stopStream(activeCall.peek()?.local ?? null);
  activeCall.value = null;
}

export async function hangUp(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await sendCallAction(id, 'hangup').catch(() => undefined);
}
