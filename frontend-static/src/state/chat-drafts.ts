/** Unsent chat messages, on this device only, for the signed-in person. */
import { signal } from '@preact/signals';
import { subject } from '../auth/session';

const KEY = 'asyncsns.drafts';
type Drafts = Record<string, string>;

function read(): Drafts {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { subject?: string; drafts?: Drafts };
    return stored.subject === subject.peek() ? (stored.drafts ?? {}) : {};
  } catch {
    return {};
  }
}

const drafts = signal<Drafts | null>(null);

export function chatDraftOf(id: string): string {
  return (drafts.value ?? read())[id] ?? '';
}

export function saveChatDraft(id: string, text: string): void {
  const { [id]: _, ...rest } = drafts.peek() ?? read();
  drafts.value = text.trim() ? { ...rest, [id]: text } : rest;
  try {
    localStorage.setItem(KEY, JSON.stringify({ subject: subject.peek(), drafts: drafts.value }));
  } catch {
    // Storage may be full or unavailable: then drafts last as long as the page.
  }
}

export function resetChatDrafts(): void {
  drafts.value = null;
}
