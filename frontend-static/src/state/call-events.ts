/** Call events of the server, and the queries that a page makes when it connects. */
import { api } from '../api';
import type { Call, RingingEvent } from '../api/types';
import { subject } from '../auth/session';
import { t } from '../i18n';
import {
  activeCall,
  announceEnd,
  applyCall,
  closeCall,
  isElsewhere,
  openIncoming,
  ownSession,
  receiveSignal,
  repeatHangUps,
} from './active-call';
import { readCurrentCall } from './call-actions';
import { saySo, startCallPresence } from './call-presence';
import { holdEarly, resumableCall } from './calls';
import { onConnected, onServerEvent } from './realtime';
import { showToast } from './toasts';

async function applyRinging({ call, caller, offer }: RingingEvent): Promise<void> {
  if (call.calleeId !== subject.peek() || activeCall.peek()) return;
  if (caller) return openIncoming(call, caller, offer);
  const other = await api.user(call.callerId).catch(() => null);
  if (!other || activeCall.peek()) return;
  openIncoming(call, other, offer);
}

/** At each connection: a call may have begun, ended or changed while the page was disconnected. */
async function catchUp(): Promise<void> {
  await repeatHangUps();
  if (activeCall.peek()) return saySo();
  const current = await readCurrentCall().catch(() => undefined);
  if (current === undefined || activeCall.peek()) return;
  if (current?.call.state === 'ringing' && current.call.calleeId === subject.peek()) {
    resumableCall.value = null;
    openIncoming(current.call, current.other);
  } else resumableCall.value = current && { ...current, problem: null };
}

function applyAccepted(call: Call): void {
  const current = activeCall.peek();
  if (current?.call.id !== call.id) return;
  // If both called each other, this page has answered too: the response to its own request follows.
  if (current.phase === 'incoming' && !isElsewhere(call) && ownSession(call)) return;
  if (current.phase === 'incoming') {
    showToast(t('call.answeredElsewhere'));
    closeCall();
  } else applyCall(call);
}

function applyUpdated(call: Call): void {
  const resumable = resumableCall.peek();
  if (resumable?.call.id === call.id) resumableCall.value = { ...resumable, call };
  applyCall(call);
}

function applyEnded(call: Call): void {
  if (resumableCall.peek()?.call.id === call.id) resumableCall.value = null;
  if (activeCall.peek()?.call.id !== call.id) return;
  announceEnd(call);
  closeCall();
}

export function startCalls(): void {
  onServerEvent('call.ringing', (event) => void applyRinging(event));
  onServerEvent(
    'call.accepted',
    holdEarly(({ call }) => applyAccepted(call)),
  );
  onServerEvent(
    'call.updated',
    holdEarly(({ call }) => applyUpdated(call)),
  );
  onServerEvent(
    'call.ended',
    holdEarly(({ call }) => applyEnded(call)),
  );
  onServerEvent('call.signal', holdEarly(receiveSignal));
  onConnected(() => void catchUp());
  startCallPresence();
}
