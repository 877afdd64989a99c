import { t } from '../../i18n';
import { route } from '../../router';
import { broadcastLive } from '../../state/broadcast';
import { Elapsed, LiveBadge } from './live-badge';

/** Shown on all other pages, so that a live microphone or camera is always indicated. */
export function OnAir() {
  const live = broadcastLive.value;
  if (!live || route.value.path === `/live/${live.id}`) return null;
  return (
    <aside aria-label={t('live.own')}>
      <a class="on-air" href={`/live/${live.id}`}>
        <LiveBadge />
        <b>{t('live.onAir')}</b>
        {live.startedAt && <Elapsed since={live.startedAt} />}
        <span class="on-air-way">{t('live.return')}</span>
      </a>
    </aside>
  );
}
