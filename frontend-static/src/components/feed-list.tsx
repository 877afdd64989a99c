import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import type { Feed } from '../state/feed';
import { Failure, PostSkeleton, Spinner } from './feedback';

interface Props<T> {
  feed: Feed<T>;
  row: (item: T) => VNode;
  keyOf: (item: T) => string;
  empty: ComponentChildren;
  label?: string;
  /** The text for an error that a retry cannot fix; null for other errors. */
  explain?: (error: unknown) => VNode | null;
  /** Content above the feed that appears together with it: shown later, it would push the feed down. */
  above?: ComponentChildren;
  /** The content above is still loading. */
  waits?: boolean;
  /** A timeline, at whose end the reader has caught up with everything. */
  timeline?: boolean;
}

/** Renders a feed and fetches the next page before its end is reached. */
export function FeedList<T>({ feed, row, keyOf, empty, label, explain, timeline, above, waits }: Props<T>) {
  useEffect(() => {
    if (feed.status.value === 'idle' || feed.status.value === 'error') void feed.load();
  }, [feed]);
  const items = feed.items.value;
  if (feed.status.value === 'error')
    return explain?.(feed.error.value) ?? <Failure error={feed.error.value} retry={() => void feed.load()} />;
  if (waits || (feed.status.value !== 'ready' && items.length === 0)) return <PostSkeleton />;
  if (items.length === 0)
    return (
      <>
        {above}
        {empty}
      </>
    );
  const list = (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the label comes with the role
    <div
      class="feed"
      role={label ? 'feed' : undefined}
      aria-label={label}
      aria-busy={label ? feed.loadingOlder.value : undefined}>
      {items.map((item) => (
        <div class="feed-row" key={keyOf(item)}>
          {row(item)}
        </div>
      ))}
      <FeedEnd feed={feed} timeline={timeline ?? false} />
    </div>
  );
  return (
    <>
      {above}
      {list}
    </>
  );
}

function FeedEnd<T>({ feed, timeline }: { feed: Feed<T>; timeline: boolean }) {
  const end = useRef<HTMLDivElement>(null);
  const count = feed.items.value.length;
  const failed = feed.error.value !== null;
  useEffect(() => {
    const element = end.current;
    if (!element || !feed.hasOlder.value || failed) return undefined;
    // Observed again after each page: an observer stays silent while its target remains on the screen.
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && void feed.older(),
      { rootMargin: '800px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [feed, count, failed, feed.hasOlder.value]);
  return (
    <div class="feed-end" ref={end}>
      {feed.loadingOlder.value && <Spinner />}
      {failed && !feed.loadingOlder.value && (
        <button type="button" class="button" onClick={() => void feed.older()}>
          {t('app.loadMore')}
        </button>
      )}
      {timeline && !feed.hasOlder.value && <span class="muted feed-done">{t('app.end')}</span>}
    </div>
  );
}
