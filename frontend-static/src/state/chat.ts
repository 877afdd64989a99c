/** Chat: actions in conversations, and real-time events. */
import { batch } from '@preact/signals';
import { api } from '../api';
import type { Message } from '../api/types';
import { subject } from '../auth/session';
import { newId } from '../lib/id';
import {
  addMessages,
  changeThread,
  type Delivery,
  getThread,
  hasMessageGap,
  loadChanges,
  loadThread,
  markConversationRead,
  markMessageDelivered,
  type OutgoingMessage,
  removeThread,
  resetThreads,
} from './chat-thread';
import {
  addChatNames,
  applyMessage,
  applyMessageChange,
  chatRequests,
  conversations,
  findConversation,
  loadConversation,
  loadConversations,
  putConversation,
  removeConversation,
  resetConversations,
  shownConversationId,
  updateConversation,
} from './conversations';
import { offerPush } from './push-offer';
import { getTransport, onConnected, onServerEvent } from './realtime';

const TYPING_SHOWN_MS = 5000;
const TYPING_EVERY_MS = 3000;

export async function sendMessage(
  id: string,
  text: string,
  extra: { mediaIds?: string[]; replyTo?: number | null } = {},
): Promise<void> {
  const item: OutgoingMessage = {
    clientMessageId: newId(),
    text,
    mediaIds: extra.mediaIds ?? [],
    replyTo: extra.replyTo ?? null,
    at: new Date().toISOString(),
    delivery: 'sending',
  };
  changeThread(id, (current) => ({ outgoing: [...current.outgoing, item], readUpTo: null }));
  await deliver(id, item);
}

export async function resendMessage(id: string, clientMessageId: string): Promise<void> {
  const item = getThread(id).outgoing.find((other) => other.clientMessageId === clientMessageId);
  if (item) await deliver(id, item);
}

export function discardMessage(id: string, clientMessageId: string): void {
  changeThread(id, (current) => ({
    outgoing: current.outgoing.filter((item) => item.clientMessageId !== clientMessageId),
  }));
}

/** Over the socket when it is open, otherwise HTTP: the server stores one message per client id. */
async function deliver(id: string, item: OutgoingMessage): Promise<void> {
  const mark = (delivery: Delivery): void =>
    changeThread(id, (current) => ({
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
    const asked = findConversation(id)?.me.state !== 'active';
    batch(() => {
      addMessages(id, [message]);
      applyMessage(message);
    });
    void offerPush();
    // A reply to a request accepts it.
    if (asked) void loadConversation(id).catch(() => undefined);
  } catch {
    mark('failed');
  }
}

async function bySocket(id: string, body: object): Promise<Message | null> {
  const answer = await getTransport()
    ?.request<{ message: Message }>('chat.send', { conversationId: id, ...body })
    .catch(() => null);
  return answer?.message?.seq ? answer.message : null;
}

/** @throws ApiError */
export async function editMessage(id: string, seq: number, text: string): Promise<void> {
  addMessages(id, [await api.editMessage(id, seq, text)]);
}

/** Shown at once; undone when the server refuses. @throws ApiError */
export async function deleteMessage(message: Message, scope: 'all' | 'me'): Promise<void> {
  await api.deleteMessage(message.conversationId, message.seq, scope);
  if (scope === 'me') hide(message.conversationId, [message.seq]);
  else await loadChanges(message.conversationId);
}

function hide(id: string, seqs: number[]): void {
  const gone = new Set(seqs);
  changeThread(id, (current) => ({
    messages: current.messages.map((one) =>
      gone.has(one.seq) ? { ...one, text: '', media: [], reactions: [], hidden: true } : one,
    ),
  }));
}

/** Sets your reaction, or removes it when it was that one. @throws ApiError */
export async function toggleMessageReaction(message: Message, emoji: string): Promise<void> {
  const mine = subject.peek() ?? '';
  const had = message.reactions.find((one) => one.userIds.includes(mine))?.emoji;
  const { conversationId: id, seq } = message;
  if (had === emoji) {
    await api.unreact(id, seq);
    await loadChanges(id);
  } else {
    addMessages(id, [await api.react(id, seq, emoji)]);
  }
}

let lastTyping = 0;

export function sendTyping(id: string): void {
  if (Date.now() - lastTyping < TYPING_EVERY_MS || findConversation(id)?.me.state !== 'active') return;
  lastTyping = Date.now();
  getTransport()?.send('chat.typing', { conversationId: id });
}

/** @throws ApiError */
export async function answerChatRequest(id: string, accept: boolean): Promise<void> {
  await api.answerRequest(id, accept);
  if (accept) await loadConversation(id);
  else removeConversation(id);
}

/** @throws ApiError */
export async function muteConversation(id: string, hours: number | null | 'off'): Promise<void> {
  await (hours === 'off' ? api.unmute(id) : api.mute(id, hours));
  await loadConversation(id);
}

export function startChat(): void {
  onServerEvent('chat.message', ({ message }) => received(message));
  onServerEvent('chat.changed', ({ conversationId: id, rev, message }) => {
    batch(() => {
      applyMessageChange(message, rev);
      if (getThread(id).messages.some((one) => one.seq === message.seq)) addMessages(id, [message]);
    });
    const { loaded, rev: known } = getThread(id);
    if (loaded && rev === known + 1) changeThread(id, () => ({ rev }));
    else if (loaded && rev > known) void loadChanges(id).catch(() => undefined);
  });
  onServerEvent('chat.hidden', ({ conversationId, seqs }) => hide(conversationId, seqs));
  onServerEvent('chat.updated', ({ conversationId: id, gone }) => {
    void loadConversation(id).catch(() => {
      if (!gone) return;
      removeConversation(id);
      removeThread(id);
    });
  });
  onServerEvent('chat.read', ({ conversationId, userId, seq }) => marked(conversationId, userId, seq, true));
  onServerEvent('chat.delivered', ({ conversationId, userId, seq }) => marked(conversationId, userId, seq, false));
  onServerEvent('chat.typing', ({ conversationId: id, userId }) => {
    if (userId === subject.peek()) return;
    changeThread(id, (current) => ({ typing: { ...current.typing, [userId]: Date.now() + TYPING_SHOWN_MS } }));
    setTimeout(() => stopTyping(id, userId, Date.now()), TYPING_SHOWN_MS + 50);
  });
  onConnected(() => {
    void loadConversations().then(markWaiting);
    const id = shownConversationId.peek();
    if (id) void loadThread(id).catch(() => undefined);
  });
}

/** Messages sent while this device was offline have now been delivered. */
function markWaiting(): void {
  for (const item of [...(conversations.peek() ?? []), ...chatRequests.peek()]) {
    if (item.unread > 0 && item.lastMessage) markMessageDelivered(item.lastMessage);
  }
}

function stopTyping(id: string, userId: string, before: number): void {
  changeThread(id, (current) =>
    (current.typing[userId] ?? 0) > before ? {} : { typing: { ...current.typing, [userId]: 0 } },
  );
}

function received(message: Message): void {
  const id = message.conversationId;
  const { loaded, newer } = getThread(id);
  batch(() => {
    applyMessage(message);
    if (loaded && !newer) addMessages(id, [message]);
    else if (message.senderId === subject.peek())
      changeThread(id, (current) => ({
        outgoing: current.outgoing.filter((one) => one.clientMessageId !== message.clientMessageId),
      }));
    stopTyping(id, message.senderId, Infinity);
  });
  markMessageDelivered(message);
  if (loaded && !newer && hasMessageGap(getThread(id).messages)) void loadThread(id).catch(() => undefined);
  if (shownConversationId.peek() === id && document.visibilityState === 'visible') markConversationRead(id);
}

function marked(id: string, userId: string, seq: number, read: boolean): void {
  if (userId === subject.peek()) {
    updateConversation(id, (item) =>
      seq <= item.lastReadSeq ? item : { ...item, lastReadSeq: seq, unread: Math.max(0, item.seq - seq) },
    );
    return;
  }
  updateConversation(id, (item) => ({
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
  addChatNames(conversation.members);
  putConversation(conversation);
  return conversation.id;
}

export function resetChat(): void {
  resetConversations();
  resetThreads();
}
