/** The lists of conversations and message requests, updated by events. */
import { computed, signal } from '@preact/signals';
import { api } from '../api';
import type { Author, Conversation, Message } from '../api/types';
import { subject } from '../auth/session';
import { t } from '../i18n';
import { newId } from '../lib/id';

export const conversations = signal<Conversation[] | null>(null);
export const chatRequests = signal<Conversation[]>([]);
export const conversationsError = signal<unknown>(null);
const older = signal<string | null>(null);
export const hasOlderConversations = computed(() => older.value !== null);
/** The conversation on the screen: its messages are marked as read when they arrive. */
export const shownConversationId = signal<string | null>(null);
/** Names of mentioned people, including those who have left. */
export const chatNames = signal<Record<string, Author>>({});

export const unreadChatCount = computed(() =>
  [...(conversations.value ?? []), ...chatRequests.value].reduce(
    (sum, item) => sum + (item.unread > 0 && !item.me.muted ? 1 : 0),
    0,
  ),
);

export function findConversation(id: string): Conversation | undefined {
  return conversations.value?.find((item) => item.id === id) ?? chatRequests.value.find((item) => item.id === id);
}

/** Of two states of a conversation, the one with the later message; with the more complete list of members. */
function newerConversation(known: Conversation, item: Conversation): Conversation {
  if (item.seq < known.seq || (item.seq === known.seq && item.rev < known.rev)) return known;
  const keepsMembers = item.kind === 'group' && item.me.role === null && known.me.role !== null;
  return keepsMembers ? { ...item, members: known.members, me: { ...item.me, role: known.me.role } } : item;
}

/** Union by id, the latest activity first. */
export function mergeConversations(current: Conversation[], incoming: Conversation[]): Conversation[] {
  const byId = new Map(current.map((item) => [item.id, item]));
  for (const item of incoming) {
    const known = byId.get(item.id);
    byId.set(item.id, known ? newerConversation(known, item) : item);
  }
  return [...byId.values()].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

export function addChatNames(people: Author[]): void {
  if (people.some((one) => one.handle && chatNames.peek()[one.id]?.displayName !== one.displayName)) {
    chatNames.value = {
      ...chatNames.peek(),
      ...Object.fromEntries(people.filter((one) => one.handle).map((one) => [one.id, one])),
    };
  }
}

export async function loadConversations(): Promise<void> {
  try {
    const [inbox, asked] = await Promise.all([
      api.conversations({ limit: 50 }),
      api.conversations({ limit: 50, folder: 'requests' }),
    ]);
    older.value = inbox.older;
    [...inbox.items, ...asked.items].forEach((item) => addChatNames(item.members));
    const ids = new Set(inbox.items.map((item) => item.id));
    conversations.value = mergeConversations(conversations.peek() ?? [], inbox.items);
    chatRequests.value = mergeConversations(chatRequests.peek(), asked.items).filter((item) => !ids.has(item.id));
    conversationsError.value = null;
  } catch (error) {
    conversationsError.value = error;
  }
}

/** @throws ApiError */
export async function loadOlderConversations(): Promise<void> {
  const page = await api.conversations({ limit: 50, cursor: older.peek() });
  older.value = page.older;
  page.items.forEach((item) => addChatNames(item.members));
  conversations.value = mergeConversations(conversations.peek() ?? [], page.items);
}

/** Moves a conversation to its current position. */
export function putConversation(item: Conversation): void {
  addChatNames(item.members);
  const request = item.me.state === 'request';
  const without = (list: Conversation[]): Conversation[] => list.filter((one) => one.id !== item.id);
  const known = findConversation(item.id);
  const newest = known ? newerConversation(known, item) : item;
  conversations.value =
    item.me.state === 'active'
      ? mergeConversations(without(conversations.peek() ?? []), [newest])
      : without(conversations.peek() ?? []);
  chatRequests.value = request
    ? mergeConversations(without(chatRequests.peek()), [newest])
    : without(chatRequests.peek());
}

/** @throws ApiError */
export async function loadConversation(id: string): Promise<Conversation> {
  const whose = subject.peek();
  const item = await api.conversation(id);
  if (subject.peek() === whose) putConversation(item);
  return item;
}

export function removeConversation(id: string): void {
  conversations.value = (conversations.peek() ?? []).filter((item) => item.id !== id);
  chatRequests.value = chatRequests.peek().filter((item) => item.id !== id);
}

export function updateConversation(id: string, change: (item: Conversation) => Conversation): void {
  const apply = (list: Conversation[]): Conversation[] => list.map((item) => (item.id === id ? change(item) : item));
  if (conversations.peek()?.some((item) => item.id === id)) conversations.value = apply(conversations.peek()!);
  if (chatRequests.peek().some((item) => item.id === id)) chatRequests.value = apply(chatRequests.peek());
}

/** A message arrived: its conversation moves up. */
export function applyMessage(message: Message): void {
  const found = findConversation(message.conversationId);
  if (!found) {
    // Devices receive a message before the list contains its conversation: fetch that conversation, not the list.
    void loadConversation(message.conversationId).catch(() => undefined);
    return;
  }
  if (message.seq <= found.seq) return;
  const own = message.senderId === subject.peek();
  putConversation({
    ...found,
    lastMessage: message,
    seq: message.seq,
    updatedAt: message.at,
    unread: own ? 0 : found.unread + 1,
    lastReadSeq: own ? message.seq : found.lastReadSeq,
  });
  if (message.system) void loadConversation(message.conversationId).catch(() => undefined);
}

/** A message changed: the row shows its current state. */
export function applyMessageChange(message: Message, rev: number): void {
  updateConversation(message.conversationId, (item) => ({
    ...item,
    unread: isUnreadGone(item, message, rev) ? Math.max(0, item.unread - 1) : item.unread,
    rev: Math.max(item.rev, rev),
    lastMessage: item.lastMessage?.seq === message.seq ? message : item.lastMessage,
  }));
}

/** @throws ApiError */
export async function openConversationWith(memberId: string): Promise<string> {
  const conversation = await api.openConversation(memberId);
  putConversation(conversation);
  return conversation.id;
}

/** @throws ApiError */
export async function createGroup(title: string, userIds: string[], clientGroupId = newId()): Promise<string> {
  const conversation = await api.createGroup({ clientGroupId, title, userIds });
  putConversation(conversation);
  return conversation.id;
}

export function otherMemberOf(conversation: Conversation): Author | undefined {
  return conversation.members.find((member) => member.id !== subject.value) ?? conversation.members[0];
}

export function conversationTitle(conversation: Conversation): string {
  return conversation.kind === 'group' ? (conversation.title ?? '') : (otherMemberOf(conversation)?.displayName ?? '');
}

/** The title of a group, or a placeholder until it is known. */
export function groupTitle(conversationId: string): string {
  const conversation = findConversation(conversationId);
  return conversation ? conversationTitle(conversation) : t('room.group');
}

export function resetConversations(): void {
  conversations.value = null;
  chatRequests.value = [];
  shownConversationId.value = null;
  chatNames.value = {};
}

/** A deleted message cannot be unread; a known change counts only once. */
function isUnreadGone(item: Conversation, message: Message, rev: number): boolean {
  return message.deleted && rev > item.rev && message.seq > item.lastReadSeq && message.senderId !== subject.peek();
}
