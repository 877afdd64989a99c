/** What this page tells the server about a call. */
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Call, CallMedia, CallSignal, CurrentCall } from '../api/types';
import { newId } from '../lib/id';
import { getTransport } from './realtime';

type CallAction = 'decline' | 'hangup';

/** What this page calls itself in calls, over all its connections; another load is another page. */
export const PAGE_SESSION = newId();

/** Actions go by the socket when it stands, else over HTTP: both end in the same state machine. */
async function either<T>(action: string, data: object, overHttp: () => Promise<T>): Promise<T> {
  const socket = getTransport();
  if (!socket) return overHttp();
  try {
    return (await socket.request<{ call: T }>(action, { ...data, session: PAGE_SESSION })).call;
  } catch (error) {
    if (error instanceof ApiError && !error.isTemporary) throw error;
    return overHttp();
  }
}

/**
 * @param description the offer, which rings with the call: over HTTP it does not
 * @throws ApiError
 */
export function startCall(calleeId: string, media: CallMedia, description?: RTCSessionDescriptionInit): Promise<Call> {
  const data = { calleeId, media };
  return either('call.start', { ...data, description }, () => api.startCall({ ...data, session: PAGE_SESSION }));
}

/** @throws ApiError */
export function sendCallAction(id: string, action: CallAction): Promise<Call> {
  return either(`call.${action}`, { callId: id }, () => api.answerCall(id, action, PAGE_SESSION));
}

/** What the callee's page answers to the offer that rang with the call. */
export interface AnswerAhead {
  epoch: number;
  description: RTCSessionDescriptionInit;
}

/** @throws ApiError */
export function sendAccept(id: string, answer: AnswerAhead | null): Promise<Call> {
  return either('call.accept', { callId: id, ...answer }, () => api.answerCall(id, 'accept', PAGE_SESSION));
}

/**
 * This page takes part in the call by the connection that it has now: at first, still, or again.
 *
 * @throws ApiError
 */
export async function joinCall(callId: string, takeOver = false): Promise<Call | null> {
  const data = { callId, session: PAGE_SESSION, takeOver };
  const answer = await getTransport()?.request<{ call: Call }>('call.here', data, { retries: 2 });
  return answer?.call ?? null;
}

/** What rings or runs for this person, on whichever device. */
export async function readCurrentCall(): Promise<CurrentCall['current']> {
  const answer = await getTransport()?.request<CurrentCall>('call.current', {}, { retries: 1 });
  return (answer ?? (await api.currentCall())).current;
}

/** By the two ways that a page has which goes away: each may be lost with it, the second to arrive changes nothing. */
export function leaveCall(callId: string): void {
  getTransport()?.send('call.leave', { callId, session: PAGE_SESSION });
  api.leaveCall(callId, PAGE_SESSION);
}

/** Where it is not taken, the other side asks for it again when it has a connection. */
export function sendSignal(signal: CallSignal): void {
  getTransport()
    ?.request('call.signal', { ...signal, session: PAGE_SESSION })
    .catch((error: unknown) => console.warn('call signal', error));
}
