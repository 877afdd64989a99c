/** Conversations and their messages: optimistic sending, gap-free by `seq`, read receipts, typing. */
import { batch, computed, signal } from '@preact/signals';
import { api } from '../api';
import type { Conversation, Message } from '../api/types';
import { subject } from '../auth/session';
import { newId } from '../lib/id';
import { live, on, onConnected } from './live';

export type Delivery = 'sending' | 'sent' | 'failed';

/** A message of one's own that the server has not numbered yet. */
export interface Outgoing {
  clientMessageId: string;
  text: string;
  at: string;
  delivery: Delivery;
}

export interface Thread {
  messages: Message[];
  outgoing: Outgoing[];
  older: string | null;
  loaded: boolean;
  loadingOlder: boolean;
  /** Highest seq that the other side has read. */
  readByOther: number;
  typingUntil: number;
}

const EMPTY: Thread = { messages: [], outgoing: [], older: null, loaded: false, loadingOlder: false, readByOther: 0, typingUntil: 0 };
const TYPING_SHOWN_MS = 5000;
const TYPING_EVERY_MS = 3000;

export const conversations = signal<Conversation[] | null>(null);
export const conversationsError = signal<unknown>(null);
const threads = signal<Record<string, Thread>>({});
/** The conversation on the screen: its messages are read as they come. */
export const openId = signal<string | null>(null);

export const unreadChats = computed(() => (conversations.value ?? []).reduce((sum, item) => sum + (item.unread > 0 ? 1 : 0), 0));

export function thread(id: string): Thread {
  return threads.value[id] ?? EMPTY;
}

function change(id: string, update: (thread: Thread) => Partial<Thread>): void {
  const current = threads.peek()[id] ?? EMPTY;
  threads.value = { ...threads.peek(), [id]: { ...current, ...update(current) } };
}

/** Union by seq; a numbered message replaces the outgoing one with its client id. */
export function mergeMessages(current: Message[], incoming: Message[]): Message[] {
  const bySeq = new Map(current.map((message) => [message.seq, message]));
  for (const message of incoming) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

export function hasGap(messages: Message[]): boolean {
  return messages.some((message, index) => index > 0 && message.seq !== messages[index - 1]!.seq + 1);
}

function take(id: string, incoming: Message[]): void {
  const arrived = new Set(incoming.map((message) => message.clientMessageId));
  change(id, (current) => ({
    messages: mergeMessages(current.messages, incoming),
    outgoing: current.outgoing.filter((item) => !arrived.has(item.clientMessageId)),
  }));
}

/** Union by id, the latest activity first; of two states of one conversation the one that knows the later message. */
export function mergeConversations(current: Conversation[], incoming: Conversation[]): Conversation[] {
  const byId = new Map(current.map((item) => [item.id, item]));
  for (const item of incoming) {
    const known = byId.get(item.id);
    if (!known || (item.lastMessage?.seq ?? 0) >= (known.lastMessage?.seq ?? 0)) byId.set(item.id, item);
  }
  return [...byId.values()].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

export async function loadConversations(): Promise<void> {
  try {
    const { items } = await api.conversations({ limit: 50 });
    conversations.value = mergeConversations(conversations.peek() ?? [], items);
    conversationsError.value = null;
  } catch (error) {
    conversationsError.value = error;
  }
}

/** @throws ApiError */
export async function loadThread(id: string): Promise<void> {
  if (!conversations.peek()?.some((item) => item.id === id)) addConversation(await api.conversation(id));
  const page = await api.messages(id, { limit: 50 });
  batch(() => {
    const before = thread(id);
    const overlaps = before.messages.length === 0 || page.items.some((item) => item.seq <= (before.messages.at(-1)?.seq ?? 0) + 1);
    if (!overlaps) change(id, () => ({ messages: [] }));
    take(id, page.items);
    change(id, (current) => ({ loaded: true, older: before.loaded && overlaps ? current.older : page.older }));
  });
}

export async function loadOlderMessages(id: string): Promise<void> {
  const { older, loadingOlder } = thread(id);
  if (!older || loadingOlder) return;
  change(id, () => ({ loadingOlder: true }));
  try {
    const page = await api.messages(id, { cursor: older, limit: 50 });
    take(id, page.items);
    change(id, () => ({ older: page.older }));
  } finally {
    change(id, () => ({ loadingOlder: false }));
  }
}

function addConversation(conversation: Conversation): void {
  conversations.value = mergeConversations(conversations.peek() ?? [], [conversation]);
}

/** @throws ApiError */
export async function openConversationWith(memberId: string): Promise<string> {
  const conversation = await api.openConversation(memberId);
  addConversation(conversation);
  return conversation.id;
}

export async function sendMessage(id: string, text: string): Promise<void> {
  const item: Outgoing = { clientMessageId: newId(), text, at: new Date().toISOString(), delivery: 'sending' };
  change(id, (current) => ({ outgoing: [...current.outgoing, item] }));
  await deliver(id, item);
}

export async function resend(id: string, clientMessageId: string): Promise<void> {
  const item = thread(id).outgoing.find((other) => other.clientMessageId === clientMessageId);
  if (item) await deliver(id, item);
}

/** By the socket when it stands, else over HTTP: the server knows the client id and keeps one of them. */
async function deliver(id: string, item: Outgoing): Promise<void> {
  const mark = (delivery: Delivery): void =>
    change(id, (current) => ({ outgoing: current.outgoing.map((other) => (other.clientMessageId === item.clientMessageId ? { ...other, delivery } : other)) }));
  mark('sending');
  const body = { clientMessageId: item.clientMessageId, text: item.text };
  try {
    const message = (await bySocket(id, body)) ?? (await api.sendMessage(id, body));
    take(id, [message]);
    noteLast(message);
  } catch {
    mark('failed');
  }
}

async function bySocket(id: string, body: { clientMessageId: string; text: string }): Promise<Message | null> {
  const answer = await live()?.request<{ message?: Message } | Message>('chat.send', { conversationId: id, ...body }).catch(() => null);
  if (!answer) return null;
  const message = 'message' in answer ? answer.message : (answer as Message);
  return message?.seq ? message : null;
}

export function markRead(id: string): void {
  const last = thread(id).messages.at(-1);
  const conversation = conversations.peek()?.find((item) => item.id === id);
  if (!last || !conversation || (conversation.unread === 0 && conversation.lastReadSeq >= last.seq)) return;
  conversations.value = conversations.peek()!.map((item) => (item.id === id ? { ...item, unread: 0, lastReadSeq: last.seq } : item));
  api.markConversationRead(id, last.seq).catch(() => undefined);
}

let lastTyping = 0;

export function sendTyping(id: string): void {
  if (Date.now() - lastTyping < TYPING_EVERY_MS) return;
  lastTyping = Date.now();
  live()?.send('chat.typing', { conversationId: id });
}

function noteLast(message: Message): void {
  const known = conversations.peek();
  const found = known?.find((item) => item.id === message.conversationId);
  if (!known || !found) {
    // Devices hear of a message before the list of conversations has it: ask for this one, not for the list.
    const whose = subject.peek();
    void api
      .conversation(message.conversationId)
      .then((conversation) => subject.peek() === whose && addConversation(conversation))
      .catch(() => undefined);
    return;
  }
  const isNew = message.seq > (found.lastMessage?.seq ?? 0);
  if (!isNew) return;
  const isUnread = message.senderId !== subject.peek() && openId.peek() !== message.conversationId;
  const updated = { ...found, lastMessage: message, updatedAt: message.at, unread: found.unread + (isUnread ? 1 : 0) };
  conversations.value = [updated, ...known.filter((item) => item.id !== found.id)];
}

export function startChat(): void {
  on('chat.message', ({ message }) => {
    const id = message.conversationId;
    batch(() => {
      noteLast(message);
      take(id, [message]);
      if (message.senderId !== subject.peek()) change(id, () => ({ typingUntil: 0 }));
    });
    if (thread(id).loaded && hasGap(thread(id).messages)) void loadThread(id).catch(() => undefined);
    if (openId.peek() === id && document.visibilityState === 'visible') markRead(id);
  });
  on('chat.read', ({ conversationId, userId, seq }) => {
    if (userId !== subject.peek()) return change(conversationId, (current) => ({ readByOther: Math.max(current.readByOther, seq) }));
    conversations.value = (conversations.peek() ?? []).map((item) =>
      item.id === conversationId && seq >= (item.lastMessage?.seq ?? 0) ? { ...item, unread: 0, lastReadSeq: seq } : item);
  });
  on('chat.typing', ({ conversationId, userId }) => {
    if (userId === subject.peek()) return;
    change(conversationId, () => ({ typingUntil: Date.now() + TYPING_SHOWN_MS }));
    setTimeout(() => change(conversationId, (current) => (current.typingUntil > Date.now() ? {} : { typingUntil: 0 })), TYPING_SHOWN_MS + 50);
  });
  onConnected(() => {
    void loadConversations();
    const id = openId.peek();
    if (id) void loadThread(id).catch(() => undefined);
  });
}

export function resetChat(): void {
  conversations.value = null;
  threads.value = {};
  openId.value = null;
}
