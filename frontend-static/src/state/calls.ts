/** The one call that a person can be in: starting and answering it, and what the server says about it. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Author, Call, CallMedia } from '../api/types';
import { session, subject } from '../auth/session';
import { type DeviceProblem, deviceAdvice, openDevices, stopStream } from '../calls/devices';
import { t } from '../i18n';
import {
  type ActiveCall,
  activeCall,
  announceEnd,
  closeCall,
  connectPeer,
  hangUp,
  isOver,
  openCall,
  receiveSignal,
  updateCall,
} from './active-call';
import { joinCall, sendCallAction } from './call-actions';
import { getTransport, onConnected, onServerEvent } from './realtime';
import { showError, showToast } from './toasts';

/** A call that could not be placed, because another one of the same person is still on. */
export interface CallConflict {
  by: string;
  other: Author;
  media: CallMedia;
}

export const callConflict = signal<CallConflict | null>(null);

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
    if (isOver(call)) {
      stopStream(local);
      return announceEnd(call);
    }
    if (session.peek() !== 'in' || subject.peek() !== me) return stopStream(local);
    openCall(call, other, 'calling', local);
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
  await sendCallAction(by, 'hangup');
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
    await sendCallAction(id, 'accept');
    await connectPeer(true);
  } catch (error) {
    showError(error);
    closeCall();
  }
}

export async function declineCall(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await sendCallAction(id, 'decline').catch(() => undefined);
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

async function applyRinging(call: Call): Promise<void> {
  if (call.calleeId !== subject.peek() || activeCall.peek()) return;
  const other = await api.user(call.callerId).catch(() => null);
  if (!other || activeCall.peek()) return;
  openCall(call, other, 'incoming', null);
}

/** After a reconnect: the call may have gone on without us hearing it, and we take part by a new connection. */
async function resyncCall(): Promise<void> {
  const current = activeCall.peek();
  if (!current) return;
  const call = await fetchCall(current);
  if (activeCall.peek()?.call.id !== current.call.id) return;
  if (!call || isOver(call)) {
    announceEnd(call);
    closeCall();
  } else if (call.state !== 'ringing') await applyAccepted(call);
}

/** The call as the server has it; null when it is not there, as it was when nothing can be learned. */
async function fetchCall({ call, phase }: ActiveCall): Promise<Call | null> {
  const here = phase === 'incoming' ? null : await joinCall(call.id);
  if (here) return here;
  return api.call(call.id).catch((error: unknown) => (error instanceof ApiError && error.status === 404 ? null : call));
}

async function applyAccepted(call: Call): Promise<void> {
  const current = activeCall.peek();
  if (current?.call.id !== call.id) return;
  if (current.phase === 'incoming') return closeCall(); // Another device of ours was faster.
  if (current.phase !== 'calling') return;
  updateCall({ call, phase: 'connecting' });
  await connectPeer(false);
}

export function startCalls(): void {
  onServerEvent('call.ringing', ({ call }) => void applyRinging(call));
  onServerEvent('call.accepted', ({ call }) => void applyAccepted(call));
  onServerEvent('call.ended', ({ call }) => {
    if (activeCall.peek()?.call.id !== call.id) return;
    announceEnd(call);
    closeCall();
  });
  onServerEvent('call.signal', receiveSignal);
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
