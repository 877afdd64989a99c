/** A person's past calls, for the page of calls and as lines in the chat. */
import { api } from '../api';
import type { Call, GroupCall, ListedCall } from '../api/types';
import { subject } from '../auth/session';
import { t } from '../i18n';
import { duration } from '../lib/time';
import { isOver } from './active-call';
import { createFeed, type Feed } from './feed';
import { onServerEvent } from './realtime';

/** How far back a chat loads its call lines; the page of calls has older ones. */
const MOST_PAGES = 10;

let history: Feed<ListedCall> | null = null;

export function getCallHistory(): Feed<ListedCall> {
  history ??= createFeed((cursor) => api.calls({ cursor }), keyOfListed);
  return history;
}

export function keyOfListed({ call, group }: ListedCall): string {
  return call?.id ?? group!.id;
}

export function resetCallHistory(): void {
  history = null;
}

export function startCallHistory(): void {
  onServerEvent('call.ended', ({ call }) => void takeIn(call));
  onServerEvent('room.updated', ({ room }) => room.endedAt && void takeInGroupCall(room.id));
}

/** Updates the end of a call that was listed while it ran; fetches any other. */
async function takeIn(call: Call): Promise<void> {
  if (history?.status.peek() !== 'ready') return;
  const { items } = history;
  if (!items.peek().some((one) => one.call?.id === call.id)) await history.newer();
  items.value = items.peek().map((one) => (one.call?.id === call.id ? { ...one, call } : one));
}

/** Only the server knows the attendees and durations. */
async function takeInGroupCall(id: string): Promise<void> {
  const feed = history;
  if (feed?.status.peek() !== 'ready') return;
  if (!feed.items.peek().some(({ group }) => group?.id === id)) return feed.newer();
  const page = await api.calls({}).catch(() => null);
  const ended = page?.items.find(({ group }) => group?.id === id);
  if (ended) feed.items.value = feed.items.peek().map((one) => (one.group?.id === id ? ended : one));
}

/** Loads the list back to this time. */
export async function loadCallsSince(at: string): Promise<void> {
  const feed = getCallHistory();
  if (feed.status.peek() === 'idle') await feed.load();
  for (let page = 0; page < MOST_PAGES && feed.hasOlder.peek() && !feed.error.peek(); page += 1) {
    const last = feed.items.peek().at(-1);
    if (last && (last.call ?? last.group)!.createdAt < at) return;
    await feed.older();
  }
}

/** Ended calls with one person that began after `from` and not after `to` (RFC 3339), the earliest first. */
export function getCallsBetween(userId: string, from: string, to: string): Call[] {
  return getCallHistory()
    .items.value.flatMap(({ call, other }) => (call && other?.id === userId ? [call] : []))
    .filter((call) => isOver(call) && isWithin(call.createdAt, from, to))
    .reverse();
}

function isWithin(at: string, from: string, to: string): boolean {
  return at > from && at <= to;
}

export function isOutgoing(call: Call): boolean {
  return call.callerId === subject.value;
}

/** Whether the reader missed the call. */
export function isMissedCall(call: Call): boolean {
  return !isOutgoing(call) && ['missed', 'cancelled', 'busy'].includes(call.state);
}

/** "Outgoing voice call · 3:05", 「音声通話の着信・不在着信」. */
export function describeCall(call: Call): string {
  const direction = isOutgoing(call) ? 'out' : 'in';
  return t('calls.line', t(`calls.${direction}.${call.media}`), describeOutcome(call));
}

function describeOutcome(call: Call): string {
  if (isMissedCall(call)) return t('calls.outcome.unseen');
  if (call.state !== 'ended') return t(`calls.outcome.${call.state as 'missed' | 'declined'}`);
  if (!call.answeredAt || !call.endedAt) return t('calls.outcome.failed');
  return duration(Math.max(0, Date.parse(call.endedAt) - Date.parse(call.answeredAt)));
}

/** Whether it rang for the reader, who did not join. */
export function isMissedGroupCall({ endedAt, attendees }: GroupCall): boolean {
  return endedAt !== null && !attendees.some(({ person }) => person.id === subject.value);
}

/** "Group call · 12:05", 「グループ通話・不在着信」. */
export function describeGroupCall(call: GroupCall): string {
  const length = call.endedAt ? duration(Date.parse(call.endedAt) - Date.parse(call.createdAt)) : t('calls.now');
  return t('calls.line', t(`calls.group.${call.media}`), isMissedGroupCall(call) ? t('calls.outcome.unseen') : length);
}
