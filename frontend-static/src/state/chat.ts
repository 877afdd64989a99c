/** Chat: what people do in conversations, and what comes in by real time. */
import { batch } from '@preact/signals';
import { api } from '../api';
import type { Message } from '../api/types';
import { subject } from '../auth/session';
import { newId } from '../lib/id';
import {
  conversations,
  find,
  forget,
  learnNames,
  loadConversations,
  noteChange,
  noteMessage,
  openId,
  place,
  refresh,
  requests,
  resetConversations,
  update,
} from './conversations';
import { live, on, onConnected } from './live';
import { offerPush } from './push-offer';
import {
  catchUp,
  change,
  type Delivery,
  forgetThread,
  hasGap,
  loadThread,
  markDelivered,
  markRead,
  type Outgoing,
  resetThreads,
  take,
  thread,
} from './thread';

const TYPING_SHOWN_MS = 5000;
const TYPING_EVERY_MS = 3000;

export async function sendMessage(
  id: string,
  text: string,
  extra: { mediaIds?: string[]; replyTo?: number | null } = {},
): Promise<void> {
  const item: Outgoing = {
    clientMessageId: newId(),
    text,
    mediaIds: extra.mediaIds ?? [],
    replyTo: extra.replyTo ?? null,
    at: new Date().toISOString(),
    delivery: 'sending',
  };
  change(id, (current) => ({ outgoing: [...current.outgoing, item], readUpTo: null }));
  await deliver(id, item);
}

export async function resend(id: string, clientMessageId: string): Promise<void> {
  const item = thread(id).outgoing.find((other) => other.clientMessageId === clientMessageId);
  if (item) await deliver(id, item);
}

export function discard(id: string, clientMessageId: string): void {
  change(id, (current) => ({ outgoing: current.outgoing.filter((item) => item.clientMessageId !== clientMessageId) }));
}

/** By the socket when it stands, else over HTTP: the server knows the client id and keeps one of them. */
async function deliver(id: string, item: Outgoing): Promise<void> {
  const mark = (delivery: Delivery): void =>
    change(id, (current) => ({
      outgoing: current.outgoing.map((other) =>
        other.clientMessageId === item.clientMessageId ? { ...other, delivery } : other,
      ),
    }));
  mark('sending');
  const body = {
    clientMessageId: item.clientMessageId,
    text: item.text,
    mediaIds: item.mediaIds,
    replyTo: item.replyTo,
  };
  try {
    const message = (await bySocket(id, body)) ?? (await api.sendMessage(id, body));
    const asked = find(id)?.me.state !== 'active';
    batch(() => {
      take(id, [message]);
      noteMessage(message);
    });
    void offerPush();
    // Who answers a request has accepted it.
    if (asked) void refresh(id).catch(() => undefined);
  } catch {
    mark('failed');
  }
}

async function bySocket(id: string, body: object): Promise<Message | null> {
  const answer = await live()
    ?.request<{ message: Message }>('chat.send', { conversationId: id, ...body })
    .catch(() => null);
  return answer?.message?.seq ? answer.message : null;
}

/** @throws ApiError */
export async function editMessage(id: string, seq: number, text: string): Promise<void> {
  take(id, [await api.editMessage(id, seq, text)]);
}

/** Shown at once; taken back when the server refuses. @throws ApiError */
export async function deleteMessage(message: Message, scope: 'all' | 'me'): Promise<void> {
  await api.deleteMessage(message.conversationId, message.seq, scope);
  if (scope === 'me') hide(message.conversationId, [message.seq]);
  else await catchUp(message.conversationId);
}

function hide(id: string, seqs: number[]): void {
  const gone = new Set(seqs);
  change(id, (current) => ({
    messages: current.messages.map((one) =>
      gone.has(one.seq) ? { ...one, text: '', media: [], reactions: [], hidden: true } : one,
    ),
  }));
}

/** One's reaction, or none when it was that one. @throws ApiError */
export async function react(message: Message, emoji: string): Promise<void> {
  const mine = subject.peek() ?? '';
  const had = message.reactions.find((one) => one.userIds.includes(mine))?.emoji;
  const { conversationId: id, seq } = message;
  if (had === emoji) {
    await api.unreact(id, seq);
    await catchUp(id);
  } else {
    take(id, [await api.react(id, seq, emoji)]);
  }
}

let lastTyping = 0;

export function sendTyping(id: string): void {
  if (Date.now() - lastTyping < TYPING_EVERY_MS || find(id)?.me.state !== 'active') return;
  lastTyping = Date.now();
  live()?.send('chat.typing', { conversationId: id });
}

/** @throws ApiError */
export async function answerRequest(id: string, accept: boolean): Promise<void> {
  await api.answerRequest(id, accept);
  if (accept) await refresh(id);
  else forget(id);
}

/** @throws ApiError */
export async function mute(id: string, hours: number | null | 'off'): Promise<void> {
  await (hours === 'off' ? api.unmute(id) : api.mute(id, hours));
  await refresh(id);
}

export function startChat(): void {
  on('chat.message', ({ message }) => received(message));
  on('chat.changed', ({ conversationId: id, rev, message }) => {
    batch(() => {
      noteChange(message, rev);
      if (thread(id).messages.some((one) => one.seq === message.seq)) take(id, [message]);
    });
    const { loaded, rev: known } = thread(id);
    if (loaded && rev === known + 1) change(id, () => ({ rev }));
    else if (loaded && rev > known) void catchUp(id).catch(() => undefined);
  });
  on('chat.hidden', ({ conversationId, seqs }) => hide(conversationId, seqs));
  on('chat.updated', ({ conversationId: id, gone }) => {
    void refresh(id).catch(() => {
      if (!gone) return;
      forget(id);
      forgetThread(id);
    });
  });
  on('chat.read', ({ conversationId, userId, seq }) => marked(conversationId, userId, seq, true));
  on('chat.delivered', ({ conversationId, userId, seq }) => marked(conversationId, userId, seq, false));
  on('chat.typing', ({ conversationId: id, userId }) => {
    if (userId === subject.peek()) return;
    change(id, (current) => ({ typing: { ...current.typing, [userId]: Date.now() + TYPING_SHOWN_MS } }));
    setTimeout(() => stopTyping(id, userId, Date.now()), TYPING_SHOWN_MS + 50);
  });
  onConnected(() => {
    void loadConversations().then(markWaiting);
    const id = openId.peek();
    if (id) void loadThread(id).catch(() => undefined);
  });
}

/** What was sent while this device was away has arrived by now. */
function markWaiting(): void {
  for (const item of [...(conversations.peek() ?? []), ...requests.peek()]) {
    if (item.unread > 0 && item.lastMessage) markDelivered(item.lastMessage);
  }
}

function stopTyping(id: string, userId: string, before: number): void {
  change(id, (current) =>
    (current.typing[userId] ?? 0) > before ? {} : { typing: { ...current.typing, [userId]: 0 } },
  );
}

function received(message: Message): void {
  const id = message.conversationId;
  const { loaded, newer } = thread(id);
  batch(() => {
    noteMessage(message);
    if (loaded && !newer) take(id, [message]);
    else if (message.senderId === subject.peek())
      change(id, (current) => ({
        outgoing: current.outgoing.filter((one) => one.clientMessageId !== message.clientMessageId),
      }));
    stopTyping(id, message.senderId, Infinity);
  });
  markDelivered(message);
  if (loaded && !newer && hasGap(thread(id).messages)) void loadThread(id).catch(() => undefined);
  if (openId.peek() === id && document.visibilityState === 'visible') markRead(id);
}

function marked(id: string, userId: string, seq: number, read: boolean): void {
  if (userId === subject.peek()) {
    update(id, (item) =>
      seq <= item.lastReadSeq ? item : { ...item, lastReadSeq: seq, unread: Math.max(0, item.seq - seq) },
    );
    return;
  }
  update(id, (item) => ({
    ...item,
    members: item.members.map((one) =>
      one.id !== userId
        ? one
        : {
            ...one,
            readSeq: read ? Math.max(one.readSeq ?? 0, seq) : one.readSeq,
            deliveredSeq: Math.max(one.deliveredSeq ?? 0, seq),
          },
    ),
  }));
}

/** @throws ApiError */
export async function joinGroup(token: string): Promise<string> {
  const conversation = await api.joinGroup(token);
  learnNames(conversation.members);
  place(conversation);
  return conversation.id;
}

export function resetChat(): void {
  resetConversations();
  resetThreads();
}
