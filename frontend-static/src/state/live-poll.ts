/** Updates a visible poll's results by polling; the less they change, the longer the interval. */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import type { Poll } from '../api/types';
import { patchPost } from './posts';

const SOON_MS = 1500;
const LEAST_MS = 5000;
const MOST_MS = 60_000;
/** The last votes are counted shortly after a poll's end. */
const GRACE_MS = 500;

/** Fetches the poll. `false` when nothing changed or the request failed. */
async function renew(postId: string, known: Poll): Promise<boolean> {
  const fresh = await api.post(postId).catch(() => null);
  if (!fresh?.poll || JSON.stringify(fresh.poll) === JSON.stringify(known)) return false;
  patchPost(postId, { poll: fresh.poll });
  return true;
}

/**
 * @param box the poll's element: no requests while it is off the screen or the page is hidden
 * @param results whether the viewer sees results; otherwise only the end matters
 */
export function useLivePoll(
  postId: string,
  poll: Poll | null,
  results: boolean,
  box: RefObject<HTMLElement | null>,
): void {
  useEffect(() => {
    if (!poll || poll.ended || !box.current) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let inSight = false;
    let wait = SOON_MS;
    const next = (): void => {
      clearTimeout(timer);
      const left = Math.max(0, new Date(poll.endsAt).getTime() - Date.now()) + GRACE_MS;
      const delay = results && inSight ? Math.min(wait, left) : left;
      if (delay < 2 ** 31) timer = setTimeout(() => void ask(), delay);
    };
    const ask = async (): Promise<void> => {
      // A change restarts this effect with a short interval.
      if (document.visibilityState !== 'visible' || (await renew(postId, poll))) return;
      wait = Math.min(MOST_MS, Math.max(LEAST_MS, wait * 1.5));
      next();
    };
    const observer = new IntersectionObserver((entries) => {
      inSight = entries.some((entry) => entry.isIntersecting);
      next();
    });
    observer.observe(box.current);
    const shown = (): void => {
      if (document.visibilityState === 'visible') next();
    };
    document.addEventListener('visibilitychange', shown);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', shown);
    };
  }, [postId, poll, results]);
}
