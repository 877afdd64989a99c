/** The search box and its filter panel write the same query; saved searches are the server's. */
import { signal } from '@preact/signals';
import { api } from '../api';
import type { SavedSearch } from '../api/types';
import { newUlid } from '../lib/id';
import { navigate } from '../router';
import { showError } from './toasts';

/** What stands in the box now, searched for or not. */
export const searchText = signal('');
export const filtersOpen = signal(false);

/** Newest first; null until the server was asked. */
export const savedSearches = signal<SavedSearch[] | null>(null);

/** Look for `q`; type and order stay as the address has them. */
export function searchFor(q: string): void {
  searchText.value = q;
  const next = new URLSearchParams(location.pathname === '/search' ? location.search : '');
  if (q) next.set('q', q);
  else next.delete('q');
  const query = next.toString();
  navigate(query ? `/search?${query}` : '/search');
}

/** Counts own changes: a list that was asked for before one of them is out of date when it comes. */
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

/** Gone at once, back when the server refuses. */
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
