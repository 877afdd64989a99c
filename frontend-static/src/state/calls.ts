/** A person's call, of which there is one at most: starting, answering, and the server's events. */
import { signal } from '@preact/signals';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Author, Call, CallMedia } from '../api/types';
import { session, subject } from '../auth/session';
import { type DeviceProblem, type Opened, openDevices, stopOpened } from '../calls/devices';
import { t } from '../i18n';
import {
  activeCall,
  announceEnd,
  answerAhead,
  closeCall,
  closePeer,
  connectPeer,
  hangUp,
  isAway,
  isOver,
  isTalk,
  makeInviting,
  openCalling,
  updateCall,
} from './active-call';
import { joinCall, sendAccept, sendCallAction, startCall } from './call-actions';
import { type CallPeer, loadIngredients } from './call-connection';
import { deviceChoice } from './call-devices';
import { closeMedia, ownMedia, startMedia } from './call-media';
import { saySo } from './call-presence';
import { isMinimised, shownRoom } from './call-view';
import { showError, showToast } from './toasts';

/** A call that was refused because the person is in another one. */
export interface CallConflict {
  by: string;
  other: Author;
  media: CallMedia;
}

export const callConflict = signal<CallConflict | null>(null);

/** A call that was not started because this device has no usable microphone; the person is asked what to do. */
export interface CallHindrance {
  other: Author;
  media: CallMedia;
  problem: DeviceProblem;
}

/** A call of this person without this page: after a reload, or on another device. */
export interface ResumableCall {
  call: Call;
  other: Author;
  problem: DeviceProblem | null;
}

export const resumableCall = signal<ResumableCall | null>(null);

export const callHindrance = signal<CallHindrance | null>(null);

/** The action in progress: devices are requested, which may take as long as the person takes, then the server. */
const running = new Set<'answer' | 'begin'>();

/** A second click meanwhile is ignored, because it would open a second microphone. */
async function once(what: 'answer' | 'begin', act: () => Promise<void>): Promise<void> {
  if (running.has(what)) return;
  running.add(what);
  try {
    await act();
  } finally {
    running.delete(what);
    if (what === 'begin') unholdEarly = [];
  }
}

/**
 * The call rings once the devices are open; without a microphone, only if the person wants to listen.
 *
 * @throws ApiError
 */
export function placeCall(other: Author, media: CallMedia, listenOnly = false): Promise<void> {
  return once('begin', () => place(other, media, listenOnly));
}

async function place(other: Author, media: CallMedia, listenOnly: boolean): Promise<void> {
  if (shownRoom.peek()) return showToast(t('room.leaveFirst'), { kind: 'error' });
  if (isTaken(other)) return explainTaken(other);
  callHindrance.value = null;
  const ingredients = loadIngredients();
  const own = await openDevices(media, deviceChoice.peek());
  const problem = own.problems.microphone;
  if (problem && !listenOnly) {
    stopOpened(own);
    callHindrance.value = { other, media, problem };
    return;
  }
  let inviting: CallPeer | null = null;
  try {
    inviting = await makeInviting(own, ingredients);
    if (await ring(other, media, own, inviting)) return;
    inviting.peer.close();
    stopOpened(own);
  } catch (error) {
    inviting?.peer.close();
    stopOpened(own);
    if (error instanceof ApiError && error.slug === 'forbidden') return refused(other);
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const by = error.fields.find(({ field }) => field === 'callId')?.got;
    await explainConflict(typeof by === 'string' ? by : null, other, media);
  }
}

/** Refused by a block, or by their setting for first messages. */
function refused(other: Author): void {
  showToast(t('call.refused', other.displayName), { kind: 'error' });
}

/** Whether this page is in a call with somebody else. If they are calling, calling them answers. */
function isTaken(other: Author): boolean {
  const current = activeCall.peek();
  return current !== null && (current.phase !== 'incoming' || current.other.id !== other.id);
}

/** Calling the person of the current call shows that call. */
function explainTaken(other: Author): void {
  const current = activeCall.peek()!;
  if (current.phase === 'incoming') showToast(t('call.answerFirst'), { kind: 'error' });
  else if (current.other.id === other.id) isMinimised.value = false;
  else showToast(t('room.leaveFirst'), { kind: 'error' });
}

/** Whether this page now takes part in a call, with these devices. */
async function ring(other: Author, media: CallMedia, own: Opened, inviting: CallPeer): Promise<boolean> {
  const me = subject.peek();
  if (isTaken(other)) return false; // A call came in while the devices were requested.
  const call = await startCall(other.id, media, await inviting.invite());
  if (isOver(call)) {
    announceEnd(call);
    return false;
  }
  if (session.peek() !== 'in' || subject.peek() !== me) return false;
  // An existing call has its own negotiation: the offer was not sent with its ringing.
  const isNew = call.callerId === me && call.state === 'ringing' && call.epoch === 1;
  if (!isNew) inviting.peer.close();
  enterCall(call, other, own, isNew ? inviting : null);
  return true;
}

/** Joins with these devices. A call that was started over HTTP has no connection of this page yet. */
function enterCall(call: Call, other: Author, own: Opened, inviting: CallPeer | null = null): void {
  startMedia(own);
  openCalling(call, other, inviting);
  resumableCall.value = null;
  void connectTalk(call);
  const early = unholdEarly;
  unholdEarly = [];
  for (const apply of early) apply();
  if (isAway(call, subject.peek() ?? '')) void saySo();
}

/** Events of a call that this page starts, received before the server's response: an acceptance may be faster. */
let unholdEarly: (() => void)[] = [];

export function holdEarly<T>(apply: (event: T) => void): (event: T) => void {
  return (event) => {
    if (running.has('begin') && !activeCall.peek()) unholdEarly.push(() => apply(event));
    else apply(event);
  };
}

async function connectTalk(call: Call): Promise<void> {
  if (isTalk(call)) await connectPeer();
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

/**
 * The devices come first: without a microphone, the call is accepted only if the person wants to listen, and rings
 * until then. Without a camera it is accepted with the camera off.
 */
export function acceptCall(listenOnly = false): Promise<void> {
  return once('answer', () => accept(listenOnly));
}

async function accept(listenOnly: boolean): Promise<void> {
  const current = activeCall.peek();
  if (current?.phase !== 'incoming') return;
  const { id, media } = current.call;
  const own = await openDevices(media, deviceChoice.peek());
  const now = activeCall.peek();
  const problem = own.problems.microphone;
  if (now?.call.id !== id || now.phase !== 'incoming') return stopOpened(own);
  if (problem && !listenOnly) {
    stopOpened(own);
    return updateCall({ problem });
  }
  startMedia(own);
  updateCall({ phase: 'connecting', problem: null });
  try {
    const call = await sendAccept(id, await answerAhead());
    if (activeCall.peek()?.call.id !== id) return;
    updateCall({ call });
    await connectPeer();
  } catch (error) {
    if (activeCall.peek()?.call.id === id) notAnswered(error);
  }
}

/** Another device was faster, or the call is over; if the server is unreachable, it keeps ringing here. */
function notAnswered(error: unknown): void {
  const refusal = error instanceof ApiError ? error : null;
  if (refusal?.slug === 'call-elsewhere') showToast(t('call.answeredElsewhere'));
  else showError(error);
  if (refusal?.isTemporary) {
    closePeer();
    closeMedia();
    updateCall({ phase: 'incoming' });
  } else if (refusal) closeCall();
  else void hangUp(); // The call was accepted, but this page can't connect.
}

/** @throws ApiError */
export function resumeCall(listenOnly = false): Promise<void> {
  return once('begin', () => resume(listenOnly));
}

async function resume(listenOnly: boolean): Promise<void> {
  const resumable = resumableCall.peek();
  if (!resumable || activeCall.peek()) return;
  const { call, other } = resumable;
  const own = await openDevices(call.media, deviceChoice.peek());
  const problem = own.problems.microphone;
  if (problem && !listenOnly) {
    stopOpened(own);
    resumableCall.value = { ...resumable, problem };
    return;
  }
  try {
    const here = await joinCall(call.id, true);
    if (here) enterCall(here, other, own);
    else stopOpened(own);
  } catch (error) {
    stopOpened(own);
    if (error instanceof ApiError && error.slug === 'call-over') resumableCall.value = null;
    throw error;
  }
}

/** Ends, for both sides, the call that this page could have rejoined. */
export async function endResumable(): Promise<void> {
  const id = resumableCall.peek()?.call.id;
  resumableCall.value = null;
  if (id) await sendCallAction(id, 'hangup');
}

export async function declineCall(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await sendCallAction(id, 'decline').catch(() => undefined);
}

let windows = 0;

/**
 * Registers that the call's window is on the screen; the returned function unregisters it. A microphone is never live
 * without a window: when the window disappears, the call ends, unless another one replaces it at once.
 */
export function showCallWindow(): () => void {
  windows += 1;
  return () => {
    windows -= 1;
    setTimeout(() => windows === 0 && Object.keys(ownMedia.peek().tracks).length > 0 && void hangUp());
  };
}

export function resetCalls(): void {
  callConflict.value = callHindrance.value = resumableCall.value = null;
  if (activeCall.peek()) void hangUp();
}
