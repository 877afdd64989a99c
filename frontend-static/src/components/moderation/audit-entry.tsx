import type { AuditEntry as Entry } from '../../api/types';
import { t } from '../../i18n';
import { fullTime, shortTime } from '../../lib/time';

/** An action of staff: a decision, or signing a person out, which belongs to no case. */
export function AuditEntry({ entry }: { entry: Entry }) {
  const hasCase = entry.action !== 'sign-out';
  return (
    <li>
      <b>{t(`moderation.decision.${entry.action}`)}</b>{' '}
      <span class="muted">
        {t(`moderation.kind.${entry.kind}`)} · {entry.reason && `${t(`moderation.reason.${entry.reason}`)} · `}@
        {entry.moderator.handle || '…'} ·{' '}
        <time dateTime={entry.at} title={fullTime(entry.at)}>
          {shortTime(entry.at)}
        </time>
      </span>
      {entry.comment && <p>{entry.comment}</p>}
      {hasCase && (
        <a href={`/moderation/cases/${entry.kind}/${encodeURIComponent(entry.subjectId)}`}>
          {t('moderation.openCase')}
        </a>
      )}
    </li>
  );
}
