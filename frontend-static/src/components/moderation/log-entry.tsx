import type { LogEntry as Entry } from '../../api/types';
import { t } from '../../i18n';
import { fullTime, shortTime } from '../../lib/time';

/** A decision on a case. */
export function LogEntry({ entry }: { entry: Entry }) {
  return (
    <li>
      <b>{t(`moderation.decision.${entry.decision}`)}</b>{' '}
      <span class="muted">
        {t(`moderation.kind.${entry.kind}`)} · {t(`moderation.reason.${entry.reason}`)} · @
        {entry.moderator.handle || '…'} ·{' '}
        <time dateTime={entry.at} title={fullTime(entry.at)}>
          {shortTime(entry.at)}
        </time>
      </span>
      {entry.comment && <p>{entry.comment}</p>}
    </li>
  );
}
