/** Unpublished posts: drafts and scheduled posts. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { Draft, ScheduledPost } from '../api/types';

export const drafts = signal<Draft[] | null>(null);
export const scheduledPosts = signal<ScheduledPost[] | null>(null);

export async function loadDrafts(): Promise<void> {
  drafts.value = (await api.drafts()).items;
}

export async function loadScheduledPosts(): Promise<void> {
  scheduledPosts.value = (await api.scheduledPosts()).items;
}

export async function deleteDraft(id: string): Promise<void> {
  await api.deleteDraft(id);
  if (drafts.value) drafts.value = drafts.value.filter((draft) => draft.id !== id);
}

export async function cancelScheduledPost(id: string): Promise<void> {
  await api.cancelScheduled(id);
  if (scheduledPosts.value) scheduledPosts.value = scheduledPosts.value.filter((one) => one.id !== id);
}

export function resetDrafts(): void {
  drafts.value = null;
  scheduledPosts.value = null;
}
