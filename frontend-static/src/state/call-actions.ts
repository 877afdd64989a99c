/** What this device tells the server about a call. */
import { api } from '../api';
import type { Call } from '../api/types';
import { getTransport } from './realtime';

type CallAction = 'accept' | 'decline' | 'hangup';

/** Actions go by the socket when it stands, else over HTTP: both end in the same state machine. */
export async function sendCallAction(id: string, action: CallAction): Promise<void> {
  const socket = getTransport();
  if (!socket) return void (await sendOverHttp(id, action));
  await socket.request(`call.${action}`, { callId: id }).catch(() => sendOverHttp(id, action));
}

/** Over HTTP the server does not learn which connection takes part. */
async function sendOverHttp(id: string, action: CallAction): Promise<void> {
  await api.answerCall(id, action);
  if (action === 'accept') void joinCall(id);
}

/** This page takes part in the call by the connection that it has now; null where the server did not take it. */
export async function joinCall(id: string): Promise<Call | null> {
  const answer = await getTransport()
    ?.request<{ call: Call }>('call.here', { callId: id }, { retries: 2 })
    .catch(() => null);
  return answer?.call ?? null;
}
