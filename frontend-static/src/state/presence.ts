/** Presence of the people in view. The same request reports the viewer's presence. */
import { effect, signal } from '@preact/signals';
import { conversations } from './conversations';
import { connectionState, getTransport } from './realtime';

const EVERY_MS = 40_000;
const MOST = 50;

interface Presence {
  online: boolean;
  lastSeenAt: string | null;
}

interface Answer {
  people: Record<string, Presence>;
  /** Conversations that did not fit into one request. */
  rest: string[];
}

export const presence = signal<Record<string, Presence>>({});

export function isOnline(userId: string | undefined): boolean {
  return Boolean(userId && presence.value[userId]?.online);
}

async function ask(): Promise<void> {
  const transport = getTransport();
  if (!transport || document.visibilityState !== 'visible') return;
  let wanted = (conversations.peek() ?? []).slice(0, MOST).map((item) => item.id);
  const found: Record<string, Presence> = {};
  do {
    const answer = await transport.request<Answer>('chat.presence', { conversationIds: wanted }).catch(() => null);
    if (!answer) return;
    Object.assign(found, answer.people);
    // Each answer covers at least one conversation, so the number shrinks, or the loop ends.
    wanted = answer.rest.length < wanted.length ? answer.rest : [];
  } while (wanted.length);
  presence.value = found;
}

/** Polls while a page of messages is open; returns a function that stops it. */
export function watchPresence(): () => void {
  const timer = setInterval(() => void ask(), EVERY_MS);
  const seen = (): void => void ask();
  document.addEventListener('visibilitychange', seen);
  const stop = effect(() => {
    if (connectionState.value === 'open' && conversations.value?.length) void ask();
  });
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', seen);
    stop();
  };
}
