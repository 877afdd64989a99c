/**
 * A post that was being written when the session ended or the page was left: kept in this browser, and offered when its
 * author returns.
 */
import type { Draft, PostContent } from '../api/types';
import { forget, keep, kept } from '../lib/kept';

export interface Unsent {
  content: PostContent;
  /** The draft as which it was saved before, if any. */
  draft?: Draft;
}

interface Kept extends Unsent {
  userId: string;
}

const NAME = 'unsent';
const writers = new Set<() => Unsent | null>();

/** Registers a composer's `unsent` content until the returned function is called. */
export function registerWriter(unsent: () => Unsent | null): () => void {
  writers.add(unsent);
  return () => void writers.delete(unsent);
}

/** Keeps the current content for this person. */
export function keepUnsent(userId: string): void {
  for (const writer of writers) {
    const found = writer();
    if (found) keep(NAME, { userId, ...found } satisfies Kept);
  }
}

/** Keeps it for this person until it is `saved` on the server. */
export function keepUntilSaved(userId: string, unsent: Unsent, saved: Promise<boolean>): void {
  const text = JSON.stringify({ userId, ...unsent } satisfies Kept);
  keep(NAME, JSON.parse(text));
  const drop = (isSaved: boolean) => isSaved && JSON.stringify(kept(NAME)) === text && forget(NAME);
  void saved.then(drop, () => undefined);
}

/** Returns and removes the kept content; another person's is discarded. */
export function takeUnsent(userId: string): Unsent | null {
  const found = kept<Kept>(NAME);
  forget(NAME);
  return found?.userId === userId ? found : null;
}
