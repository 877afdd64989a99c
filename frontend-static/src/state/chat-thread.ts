/** The messages of one conversation: in order, without gaps, in their current state. */
import { batch, signal } from '@preact/signals';
import { api } from '../api';
import type { Message, MessagePage } from '../api/types';
import { subject } from '../auth/session';
import { addChatNames, findConversation, loadConversation, updateConversation } from './conversations';
import { getTransport } from './realtime';

export type Delivery = 'sending' | 'sent' | 'failed';

/** The viewer's message that has no number from the server yet. */
export interface OutgoingMessage {
  clientMessageId: string;
  text: string;
  mediaIds: string[];
  replyTo: number | null;
  at: string;
  delivery: Delivery;
}

export interface ChatThread {
  messages: Message[];
  outgoing: OutgoingMessage[];
  older: string | null;
  /** A cursor when the page is not the newest: live messages are held back until it is. */
  newer: string | null;
  loaded: boolean;
  loading: boolean;
  /** All changes up to this revision are included. */
  rev: number;
  /** The reader's position when the conversation was opened: the line "new messages" follows it. */
  readUpTo: number | null;
  typing: Record<string, number>;
}

const EMPTY: ChatThread = {
  messages: [],
  outgoing: [],
  older: null,
  newer: null,
  loaded: false,
  loading: false,
  rev: 0,
  readUpTo: null,
  typing: {},
};
const PAGE = 50;
const threads = signal<Record<string, ChatThread>>({});

export function getThread(id: string): ChatThread {
  return threads.value[id] ?? EMPTY;
}

export function changeThread(id: string, edit: (thread: ChatThread) => Partial<ChatThread>): void {
  const current = threads.peek()[id] ?? EMPTY;
  threads.value = { ...threads.peek(), [id]: { ...current, ...edit(current) } };
}

/** Union by seq; of two states of a message the one with the greater `rev` wins, and hidden messages stay hidden. */
export function mergeMessages(current: Message[], incoming: Message[]): Message[] {
  const bySeq = new Map(current.map((message) => [message.seq, message]));
  for (const message of incoming) {
    const known = bySeq.get(message.seq);
    if (known?.hidden && !message.hidden) continue;
    if (!known || message.hidden || message.rev >= known.rev) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

export function hasMessageGap(messages: Message[]): boolean {
  return messages.some((message, index) => index > 0 && message.seq !== messages[index - 1]!.seq + 1);
}

export function addMessages(id: string, incoming: Message[]): void {
  const arrived = new Set(incoming.map((message) => message.clientMessageId));
  changeThread(id, (current) => ({
    messages: mergeMessages(current.messages, incoming),
    outgoing: current.outgoing.filter((item) => !arrived.has(item.clientMessageId)),
  }));
}

/** Shows a single page: the target of a jump, or the newest. */
function showPage(id: string, page: MessagePage, newest: boolean): void {
  batch(() => {
    addChatNames(page.people);
    changeThread(id, () => ({ messages: [] }));
    addMessages(id, page.items);
    changeThread(id, () => ({ loaded: true, older: page.older, newer: newest ? null : page.newer }));
  });
}

/** The newest page, joined to the loaded ones if they overlap. @throws ApiError */
export async function loadThread(id: string): Promise<void> {
  // The revision is read first: later changes are fetched, earlier ones are in the pages.
  const head = await loadConversation(id);
  const page = await api.messages(id, { limit: PAGE });
  const before = getThread(id);
  if (before.newer) return loadChanges(id);
  const last = before.messages.at(-1)?.seq ?? 0;
  const touches = before.loaded && page.items.some((item) => item.seq <= last + 1);
  if (!touches) {
    showPage(id, page, true);
    changeThread(id, (current) => ({ rev: head.rev, readUpTo: current.readUpTo ?? head.lastReadSeq }));
    // Live messages that arrived during the request may be newer than the page.
    const now = findConversation(id);
    if (now && now.seq > (getThread(id).messages.at(-1)?.seq ?? 0)) return loadThread(id);
    if (now && now.rev > head.rev) await loadChanges(id);
    return;
  }
  batch(() => {
    addChatNames(page.people);
    addMessages(id, page.items);
  });
  await loadChanges(id);
}

/** Fetches edits, deletions and reactions since then. @throws ApiError */
export async function loadChanges(id: string): Promise<void> {
  for (let more = true; more; ) {
    const found = await api.changes(id, getThread(id).rev);
    batch(() => {
      const shown = new Set(getThread(id).messages.map((message) => message.seq));
      addMessages(
        id,
        found.items.filter((message) => shown.has(message.seq)),
      );
      changeThread(id, (current) => ({ rev: Math.max(current.rev, found.rev) }));
    });
    more = found.more;
  }
}

/** @throws ApiError */
export async function loadMoreMessages(id: string, direction: 'older' | 'newer'): Promise<void> {
  const { loading, ...state } = getThread(id);
  const cursor = state[direction];
  if (!cursor || loading) return;
  changeThread(id, () => ({ loading: true }));
  const known = getThread(id).rev;
  try {
    const page = await api.messages(id, { cursor, limit: PAGE });
    batch(() => {
      addChatNames(page.people);
      addMessages(id, page.items);
      if (direction === 'older') changeThread(id, () => ({ older: page.older }));
      else changeThread(id, () => ({ newer: page.items.length < PAGE ? null : page.newer }));
    });
    if (getThread(id).rev > known) {
      // A change overtook the page, which may contain the earlier state of the message.
      changeThread(id, () => ({ rev: known }));
      await loadChanges(id);
    }
  } finally {
    changeThread(id, () => ({ loading: false }));
  }
}

/** Loads a message into the view. @throws ApiError */
export async function loadMessagesAround(id: string, seq: number): Promise<void> {
  if (getThread(id).messages.some((message) => message.seq === seq)) return;
  const head = await loadConversation(id);
  const page = await api.messages(id, { around: seq, limit: PAGE });
  showPage(id, page, (page.items[0]?.seq ?? 0) >= head.seq);
  changeThread(id, () => ({ rev: head.rev }));
}

/** Returns from the target of a jump. @throws ApiError */
export async function jumpToNewest(id: string): Promise<void> {
  if (!getThread(id).newer) return;
  changeThread(id, () => ({ newer: null, loaded: false, messages: [] }));
  await loadThread(id);
}

export function markConversationRead(id: string): void {
  const last = getThread(id).messages.at(-1);
  const conversation = findConversation(id);
  if (!last || !conversation || getThread(id).newer) return;
  if (conversation.lastReadSeq >= last.seq) return;
  updateConversation(id, (item) => ({
    ...item,
    unread: Math.max(0, item.seq - last.seq),
    lastReadSeq: Math.max(item.lastReadSeq, last.seq),
  }));
  if (getTransport()) getTransport()!.send('chat.read', { conversationId: id, seq: last.seq });
  else void api.markConversationRead(id, last.seq).catch(() => undefined);
}

const DELIVERED_EVERY_MS = 400;
/** The server's limit for receipts: the number of members. */
const RECEIPTS_LIMIT = 32;
const delivered = new Map<string, number>();

/** Reports delivery: senders see it, and no push follows. Several messages are one report. */
export function markMessageDelivered(message: Message): void {
  const id = message.conversationId;
  if (message.senderId === subject.peek()) return;
  if (!delivered.has(id)) {
    setTimeout(() => {
      const seq = delivered.get(id) ?? 0;
      delivered.delete(id);
      const { lastReadSeq = 0, memberCount = 0 } = findConversation(id) ?? {};
      // Reading implies delivery; large groups have no receipts.
      if (seq > lastReadSeq && memberCount <= RECEIPTS_LIMIT)
        getTransport()?.send('chat.delivered', { conversationId: id, seq });
    }, DELIVERED_EVERY_MS);
  }
  delivered.set(id, Math.max(delivered.get(id) ?? 0, message.seq));
}

export function removeThread(id: string): void {
  const { [id]: _, ...rest } = threads.peek();
  threads.value = rest;
}

export function resetThreads(): void {
  threads.value = {};
  delivered.clear();
}
