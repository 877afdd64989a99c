import type { Live } from '../../api/types';
import { t } from '../../i18n';
import { runningLives } from '../../state/lives';
import { Avatar } from '../avatar';
import { LiveBadge } from './live-badge';

/** Running live streams of followed people, above the feed. */
export function RunningLives() {
  if (runningLives.value.length === 0) return null;
  return (
    <section class="lives" aria-labelledby="lives-title">
      <h2 id="lives-title" class="visually-hidden">
        {t('live.rowTitle')}
      </h2>
      <ul>
        {runningLives.value.map((live) => (
          <li key={live.id}>
            <LiveCard live={live} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function LiveCard({ live }: { live: Live }) {
  return (
    <a class="live-card" href={`/live/${live.id}`} data-live={live.id}>
      <span class="live-card-avatar">
        <Avatar of={live.host} size={48} />
      </span>
      <span class="live-card-words">
        <b>
          <bdi>{live.title}</bdi>
        </b>
        <span class="muted">
          <bdi>{live.host.displayName}</bdi>
        </span>
        <span class="live-card-foot">
          <LiveBadge /> <span class="muted">{t('live.viewerCount', live.viewers)}</span>
        </span>
      </span>
    </a>
  );
}
