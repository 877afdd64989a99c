import { useEffect, useState } from 'preact/hooks';
import type { Author, Live } from '../../api/types';
import { t } from '../../i18n';
import { duration } from '../../lib/time';
import { route } from '../../router';
import { liveOfHost } from '../../state/lives';
import { Icon } from '../icon';

export function LiveBadge() {
  return <span class="live-badge">{t('live.badge')}</span>;
}

/** A link to the live stream, on the card of its host; its own page has none. */
export function LiveMark({ of }: { of: Author }) {
  const live = liveOfHost.value.get(of.id);
  if (!live || route.value.path === `/live/${live.id}`) return null;
  return (
    <a class="live-mark" href={`/live/${live.id}`} aria-label={t('live.badgeOf', of.displayName)}>
      <LiveBadge />
    </a>
  );
}

export function ViewerCount({ live }: { live: Live }) {
  return (
    <span class="live-figure" data-testid="viewers">
      <Icon name="eye" size={17} /> {t('live.viewerCount', live.viewers)}
    </span>
  );
}

/** The duration of the stream; screen readers read it on arrival, not every second. */
export function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const time = duration(Math.max(0, now - Date.parse(since)));
  return (
    <span class="live-figure">
      <span aria-hidden="true">
        <Icon name="clock" size={17} /> {time}
      </span>
      <span class="visually-hidden">{t('live.elapsed', time)}</span>
    </span>
  );
}
