/** The composer dialog: open with or without a post to reply to. */
import { signal } from '@preact/signals';
import type { Post } from '../api/types';

export const composer = signal<{ replyTo: Post | null } | null>(null);

export function openComposer(replyTo: Post | null = null): void {
  composer.value = { replyTo };
}

export function closeComposer(): void {
  composer.value = null;
}
