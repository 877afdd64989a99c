/** The call in which this page takes part: its state and its peer connection. */
import { signal } from '@preact/signals';
import { ApiError } from '../api/problem';
import type { Author, Call, CallSignalEvent, CallState, Offer } from '../api/types';
import { subject } from '../auth/session';
import type { DeviceProblem, Opened } from '../calls/devices';
import type { PeerState } from '../calls/peer';
import { isKey, t } from '../i18n';
import { type AnswerAhead, PAGE_SESSION, sendCallAction } from './call-actions';
import { type CallPeer, type Ingredients, loadIngredients, makeCallPeer } from './call-connection';
import { closeMedia, tracksOf } from './call-media';
import { showToast } from './toasts';

export type Phase = 'calling' | 'incoming' | 'connecting' | 'connected' | 'reconnecting';

export interface ActiveCall {
  call: Call;
  other: Author;
  phase: Phase;
  connectedAt: number | null;
  /** Why this device could not answer; the call keeps ringing. */
  problem: DeviceProblem | null;
}

export const activeCall = signal<ActiveCall | null>(null);

const OVER: ReadonlySet<CallState> = new Set(['ended', 'declined', 'busy', 'missed', 'cancelled', 'failed']);
const CONNECT_TIMEOUT_MS = 25_000;

let peer: CallPeer | null = null;
/** The negotiation of `peer`, also before `peer` exists. */
let epoch = 0;
let earlySignals: CallSignalEvent[] = [];
let connectTimer: ReturnType<typeof setTimeout> | undefined;
let ingredients: Ingredients | null = null;
/** The prepared connection for an incoming call's offer; it has sent nothing yet. */
let answering: { epoch: number; made: Promise<CallPeer | null> } | null = null;

export const isOver = (call: Call): boolean => OVER.has(call.state);
export const isTalk = (call: Call): boolean => call.state === 'accepted' || call.state === 'connected';

/** The page that takes part for this person. */
export function ownSession(call: Call): string | null {
  return call.callerId === subject.peek() ? call.callerSession : call.calleeSession;
}

export function isAway(call: Call, userId: string): boolean {
  return call.away.includes(userId);
}

/** @param phase `calling` with this page's devices, `incoming` before they are requested */
export function openCall(call: Call, other: Author, phase: Phase): void {
  activeCall.value = { call, other, phase, connectedAt: null, problem: null };
  ingredients = loadIngredients();
}

/** @param inviting the connection whose offer is sent with the ringing, for a new call */
export function openCalling(call: Call, other: Author, inviting: CallPeer | null): void {
  openCall(call, other, isTalk(call) ? 'connecting' : 'calling');
  if (inviting) adopt(inviting, call);
}

/** @param offer the offer that came with the ringing */
export function openIncoming(call: Call, other: Author, offer?: Offer): void {
  openCall(call, other, 'incoming');
  if (offer && ingredients)
    answering = { epoch: call.epoch, made: makeAnswering(ingredients, offer).catch(() => null) };
}

function adopt(made: CallPeer, call: Pick<Call, 'id' | 'epoch'>): void {
  peer = made;
  epoch = call.epoch;
  made.enter(call);
}

/** A connection for an outgoing call, with this device's open tracks. */
export async function makeInviting(own: Opened, { code, servers }: Ingredients): Promise<CallPeer> {
  const options = { polite: false, held: true, servers, tracks: tracksOf(own), onState: applyPeerState };
  return makeCallPeer(await code, [], options);
}

async function makeAnswering({ code, servers }: Ingredients, description: Offer): Promise<CallPeer> {
  const made = makeCallPeer(await code, [], { polite: true, held: true, servers, onState: applyPeerState });
  await made.peer.receive({ description });
  return made;
}

/** The answer to the offer that came with the ringing, if there was one; this page's devices are open. */
export async function answerAhead(): Promise<AnswerAhead | null> {
  const call = activeCall.peek()?.call;
  if (!answering || !call) return null;
  const negotiation = answering.epoch;
  const made = await answering.made;
  answering = null;
  if (!made) return null;
  if (activeCall.peek()?.call.id !== call.id) {
    made.peer.close();
    return null;
  }
  adopt(made, { id: call.id, epoch: negotiation });
  const description = await made.answer();
  return description && { epoch: negotiation, description };
}

function dropAnswering(): void {
  void answering?.made.then((made) => made?.peer.close());
  answering = null;
}

export function updateCall(change: Partial<ActiveCall>): void {
  if (activeCall.peek()) activeCall.value = { ...activeCall.peek()!, ...change };
}

/** The caller offers; the callee is the polite side. A new epoch replaces the previous negotiation. */
export async function connectPeer(): Promise<void> {
  const current = activeCall.peek();
  if (!current || current.phase === 'incoming' || !ingredients) return;
  if (epoch === current.call.epoch) return release();
  // Credentials of the previous negotiation may have expired.
  if (peer) ingredients = loadIngredients();
  closePeer();
  const negotiation = current.call.epoch;
  epoch = negotiation;
  waitForConnection();
  const { code, servers } = ingredients;
  const [Connection, { iceServers }] = await Promise.all([code, servers]);
  const now = activeCall.peek();
  if (now?.call.id !== current.call.id || epoch !== negotiation) return;
  const polite = now.call.calleeId === subject.peek();
  const made = makeCallPeer(Connection, iceServers, { polite, held: false, servers, onState: applyPeerState });
  adopt(made, now.call);
  const waiting = earlySignals;
  earlySignals = [];
  for (const message of waiting) if (message.epoch === negotiation) await made.peer.receive(message);
}

/** The call was answered: the prepared connection continues. */
function release(): void {
  if (!peer?.peer.isHeld) return;
  if (activeCall.peek()?.phase === 'calling') updateCall({ phase: 'connecting' });
  if (activeCall.peek()?.phase === 'connecting') waitForConnection();
  peer.peer.release();
}

/** Drops the current negotiation. */
export function closePeer(): void {
  peer?.peer.close();
  peer = null;
  epoch = 0;
  dropAnswering();
}

function waitForConnection(): void {
  clearTimeout(connectTimer);
  connectTimer = setTimeout(() => failCall(), CONNECT_TIMEOUT_MS);
}

export function receiveSignal(message: CallSignalEvent): void {
  const current = activeCall.peek();
  if (current?.call.id !== message.callId || message.epoch < epoch) return;
  if (peer && message.epoch === epoch) return void peer.peer.receive(message);
  earlySignals.push(message);
  // The other side starts a new negotiation before this side learns of it.
  if (message.epoch > current.call.epoch) applyCall({ ...current.call, epoch: message.epoch });
}

/** Handles a new state of this page's call. */
export function applyCall(call: Call): void {
  const current = activeCall.peek();
  if (current?.call.id !== call.id || call.epoch < current.call.epoch) return;
  if (current.phase !== 'incoming' && isElsewhere(call)) {
    moveAway();
    return;
  }
  updateCall({ call });
  if (!isTalk(call) || current.phase === 'incoming') return;
  if (call.epoch === epoch && peer?.peer.isHeld) release();
  else if (call.epoch === epoch) void peer?.peer.repeat();
  else {
    updateCall({ phase: epoch ? 'reconnecting' : 'connecting' });
    void connectPeer();
  }
}

/** Another page of this person has taken over the call. */
export function isElsewhere(call: Call): boolean {
  const session = ownSession(call);
  return session !== null && session !== PAGE_SESSION;
}

export function moveAway(): void {
  showToast(t('call.movedElsewhere'));
  closeCall();
}

function applyPeerState(state: PeerState): void {
  if (state === 'connected') {
    clearTimeout(connectTimer);
    updateCall({ phase: 'connected', connectedAt: activeCall.peek()?.connectedAt ?? Date.now() });
  } else if (state === 'reconnecting') {
    updateCall({ phase: 'reconnecting' });
    waitForConnection();
  }
}

function failCall(): void {
  showToast(t('call.outcome.failed'));
  void hangUp();
}

/** The reason for the end in words, such as who left. */
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
  closePeer();
  ingredients = null;
  earlySignals = [];
  closeMedia();
  activeCall.value = null;
}

export async function hangUp(): Promise<void> {
  const id = activeCall.peek()?.call.id;
  closeCall();
  if (id) await tellHangUp(id);
}

/** Calls that were hung up here while the server was unreachable. */
const untold = new Set<string>();

async function tellHangUp(id: string): Promise<void> {
  untold.delete(id);
  await sendCallAction(id, 'hangup').catch((error: unknown) => {
    if (error instanceof ApiError && error.isTemporary) untold.add(id);
  });
}

/** Sent at the next connection, so that a person is not returned to a call that they left. */
export async function repeatHangUps(): Promise<void> {
  await Promise.all([...untold].map(tellHangUp));
}
