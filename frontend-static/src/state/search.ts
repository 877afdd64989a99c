/** The search box and its filter panel edit the same query; the server stores saved searches. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { SavedSearch } from '../api/types';
import { newUlid } from '../lib/id';
import { navigate } from '../router';
import { showError } from './toasts';

/** The text in the box, submitted or not. */
export const searchText = signal('');
export const filtersOpen = signal(false);

/** Newest first; null until fetched. */
export const savedSearches = signal<SavedSearch[] | null>(null);

/** Searches for `q`; type and order are kept from the URL. */
export function searchFor(q: string): void {
  searchText.value = q;
  const next = new URLSearchParams(location.pathname === '/search' ? location.search : '');
  if (q) next.set('q', q);
  else next.delete('q');
  const query = next.toString();
  navigate(query ? `/search?${query}` : '/search');
}

/** Counts local changes: a list requested before one of them is outdated when it arrives. */
let changes = 0;

export async function loadSavedSearches(): Promise<void> {
  const asked = changes;
  try {
    const { items } = await api.savedSearches();
    if (asked === changes) savedSearches.value = items;
  } catch (error) {
    savedSearches.value ??= [];
    showError(error);
  }
}

/** @throws ApiError */
export async function saveSearch(name: string, query: string): Promise<void> {
  changes += 1;
  const saved = await api.saveSearch(newUlid(), { name, query });
  savedSearches.value = [saved, ...(savedSearches.value ?? [])];
}

/** Removed at once, restored when the server refuses. */
export async function deleteSearch(id: string): Promise<void> {
  changes += 1;
  const before = savedSearches.value;
  savedSearches.value = (before ?? []).filter((one) => one.id !== id);
  try {
    await api.deleteSearch(id);
  } catch (error) {
    savedSearches.value = before;
    showError(error);
  }
}
