import { useEffect } from 'preact/hooks';
import type { Post } from '../api/types';
import { t } from '../i18n';
import type { Feed } from '../state/feed';
import { onConnected, onServerEvent } from '../state/realtime';

const ASK_MS = 20_000;

interface Props {
  feed: Feed<Post>;
  /** Not every new post of this list is announced by a frame, so poll while the list is visible. */
  poll: boolean;
}

/** The pill with the number of new posts; showing them does not move the visible posts. */
export function NewPosts({ feed, poll }: Props) {
  useEffect(() => {
    const look = () => void (document.visibilityState === 'visible' && feed.peek());
    const offs = [onConnected(look)];
    document.addEventListener('visibilitychange', look);
    offs.push(() => document.removeEventListener('visibilitychange', look));
    if (poll) {
      const timer = setInterval(look, ASK_MS);
      offs.push(() => clearInterval(timer), onServerEvent('timeline.posted', look));
    }
    return () => offs.forEach((off) => off());
  }, [feed, poll]);
  const count = feed.waiting.value.size;
  const show = async () => {
    await keepingPlace(() => feed.newer());
    window.scrollTo({ top: 0, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  };
  return (
    <div class="new-posts" role="status">
      {count > 0 && (
        <button type="button" class="pill" onClick={() => void show()}>
          {t('home.newPostCount', count)}
        </button>
      )}
    </div>
  );
}

/** Inserts content above without moving the visible posts: not every browser has scroll anchoring. */
async function keepingPlace(insert: () => Promise<void>): Promise<void> {
  const row = [...document.querySelectorAll('.feed-row')].find((one) => one.getBoundingClientRect().bottom > 0);
  const before = row?.getBoundingClientRect().top ?? 0;
  await insert();
  await new Promise(requestAnimationFrame);
  const moved = row?.isConnected ? row.getBoundingClientRect().top - before : 0;
  if (Math.abs(moved) > 1) window.scrollBy({ top: moved, behavior: 'instant' });
}
