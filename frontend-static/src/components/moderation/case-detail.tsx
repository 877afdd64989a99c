import type { CaseDetail as Detail } from '../../api/moderation';
import { t } from '../../i18n';
import { shortTime } from '../../lib/time';
import { Avatar } from '../avatar';
import { DecisionForm } from './decision-form';
import { LogEntry } from './log-entry';

/** A case: its subject, appeal, reports and log, and the decision form. */
export function CaseDetail({
  detail,
  onDecided,
  heading: Heading = 'h3',
}: {
  detail: Detail;
  onDecided: () => void;
  heading?: 'h2' | 'h3';
}) {
  return (
    <div class="case-detail">
      <section class="panel">
        <a class="case-head" href={`/@${detail.owner.handle}`}>
          <Avatar of={detail.owner} size={32} />{' '}
          <b>
            <bdi>{detail.owner.displayName}</bdi>
          </b>{' '}
          <span class="muted">@{detail.owner.handle}</span>
        </a>
        {detail.content.text && <p class="case-quote">{detail.content.text}</p>}
        {detail.kind === 'live' && (
          <p>
            <a href={`/live/${detail.subjectId}`}>{t('moderation.openLive')}</a>
          </p>
        )}
        {detail.content.media?.map(
          (one) =>
            one.thumbnailUrl && (
              <img key={one.thumbnailUrl} src={one.thumbnailUrl} alt={one.altText} class="case-photo" loading="lazy" />
            ),
        )}
      </section>
      {detail.appeal && (
        <section class="notice">
          <b>{t('moderation.appeal')}</b>
          <p class="case-quote">{detail.appeal.text}</p>
        </section>
      )}
      <section aria-label={t('moderation.reportCount', detail.reports)}>
        <Heading>{t('moderation.reportCount', detail.reports)}</Heading>
        <ul class="case-list">
          {detail.reportList.map((one) => (
            <li key={one.reporter.id}>
              <b>{t(`moderation.reason.${one.reason}`)}</b>{' '}
              <span class="muted">
                @{one.reporter.handle} · {shortTime(one.at)}
              </span>
              {one.comment && <p>{one.comment}</p>}
            </li>
          ))}
        </ul>
      </section>
      {detail.log.length > 0 && (
        <section>
          <Heading>{t('moderation.tab.log')}</Heading>
          <ul class="case-list">
            {detail.log.map((one) => (
              <LogEntry key={one.id} entry={one} />
            ))}
          </ul>
        </section>
      )}
      <DecisionForm detail={detail} onDecided={onDecided} />
    </div>
  );
}
