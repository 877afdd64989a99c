/** The group call that this tab was in before it was reloaded: the page offers to join it again, wherever it is. */
import { computed, effect, signal } from '@preact/signals';
import { subject } from '../auth/session';
import { route } from '../router';
import { activeCall } from './active-call';
import { ownMedia } from './call-media';
import { loadConversation } from './conversations';
import { onConnected } from './realtime';
import { activeRoom, lookForRoom, mutedBefore, rooms } from './room';

/** In `sessionStorage`, which belongs to the tab and outlives a reload. */
const KEY = 'asyncsns.room';

interface Kept {
  userId: string;
  conversationId: string;
  muted: boolean;
}

/** The conversation whose call was interrupted. */
const interrupted = signal<string | null>(null);

/** The page of the group has a line of its own for the call. */
export const resumableRoom = computed(() => {
  const id = interrupted.value;
  if (!id || activeRoom.value || activeCall.value || route.value.path === `/messages/${id}`) return null;
  return rooms.value[id] ?? null;
});

export function dismissResumableRoom(): void {
  interrupted.value = null;
}

function kept(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

async function look(conversationId: string): Promise<void> {
  const room = await lookForRoom(conversationId);
  if (room === null) dismissResumableRoom();
  else if (room) void loadConversation(conversationId).catch(() => undefined);
}

export function startRoomResume(): void {
  let before = kept();
  sessionStorage.removeItem(KEY);
  onConnected(() => {
    if (before?.userId === subject.peek()) {
      interrupted.value = before!.conversationId;
      if (before!.muted) mutedBefore.value = before!.conversationId;
    }
    before = null;
    if (interrupted.peek()) void look(interrupted.peek()!);
  });
  effect(() => {
    const { conversationId } = activeRoom.value ?? {};
    if (!conversationId) return sessionStorage.removeItem(KEY);
    interrupted.value = null;
    sessionStorage.setItem(
      KEY,
      JSON.stringify({ userId: subject.peek(), conversationId, muted: ownMedia.value.muted } satisfies Partial<Kept>),
    );
  });
}
