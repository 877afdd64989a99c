/** This page's requests to the server about a call. */
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Call, CallMedia, CallSignal, CurrentCall } from '../api/types';
import { newId } from '../lib/id';
import { getTransport } from './realtime';

type CallAction = 'decline' | 'hangup';

/** This page's id in calls, the same over all its connections; each page load has a new one. */
export const PAGE_SESSION = newId();

/** Actions use the socket when it is open, otherwise HTTP: both reach the same state machine. */
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
 * @param description the offer, which is sent with the ringing, but not over HTTP
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

/** The callee's answer to the offer that came with the ringing. */
export interface AnswerAhead {
  epoch: number;
  description: RTCSessionDescriptionInit;
}

/** @throws ApiError */
export function sendAccept(id: string, answer: AnswerAhead | null): Promise<Call> {
  return either('call.accept', { callId: id, ...answer }, () => api.answerCall(id, 'accept', PAGE_SESSION));
}

/**
 * Registers this page and its current connection in the call: at first, as a heartbeat, or after a reconnect.
 *
 * @throws ApiError
 */
export async function joinCall(callId: string, takeOver = false): Promise<Call | null> {
  const data = { callId, session: PAGE_SESSION, takeOver };
  const answer = await getTransport()?.request<{ call: Call }>('call.here', data, { retries: 2 });
  return answer?.call ?? null;
}

/** The person's ringing or running call, on any device. */
export async function readCurrentCall(): Promise<CurrentCall['current']> {
  const answer = await getTransport()?.request<CurrentCall>('call.current', {}, { retries: 1 });
  return (answer ?? (await api.currentCall())).current;
}

/** Sent over both socket and HTTP when the page closes: each may be lost, and a duplicate has no effect. */
export function leaveCall(callId: string): void {
  getTransport()?.send('call.leave', { callId, session: PAGE_SESSION });
  api.leaveCall(callId, PAGE_SESSION);
}

/** If a signal is not delivered, the other side requests it again after it reconnects. */
export function sendSignal(signal: CallSignal): void {
  getTransport()
    ?.request('call.signal', { ...signal, session: PAGE_SESSION })
    .catch((error: unknown) => console.warn('call signal', error));
}
