import type { ModerationCase } from '../../api/moderation';
import { t } from '../../i18n';
import { fullTime, shortTime } from '../../lib/time';
import { Avatar } from '../avatar';

/** A case in the queue. */
export function CaseRow({ item, onOpen }: { item: ModerationCase; onOpen: () => void }) {
  return (
    <button type="button" class="case" onClick={onOpen} data-subject={item.subjectId}>
      <Avatar of={item.owner} size={40} />
      <span class="case-main">
        <span class="case-head">
          <b>
            <bdi>{item.owner.displayName || t('app.deletedAccount')}</bdi>
          </b>{' '}
          <span class="muted">@{item.owner.handle}</span>
          <time class="muted" dateTime={item.updatedAt} title={fullTime(item.updatedAt)}>
            {shortTime(item.updatedAt)}
          </time>
        </span>
        <span class="case-text">{item.content.text || item.content.displayName || '—'}</span>
        <span class="case-chips">
          <span class="chip">{t(`moderation.kind.${item.kind}`)}</span>
          {item.reports > 0 && <span class="chip">{t('moderation.reportCount', item.reports)}</span>}
          {item.appeal && item.open && <span class="chip chip-warm">{t('moderation.appealed')}</span>}
          {item.measure !== 'none' && <span class="chip chip-danger">{t(`moderation.action.${item.measure}`)}</span>}
          {item.ownerSuspended && item.kind !== 'person' && (
            <span class="chip chip-danger">{t('moderation.action.suspended')}</span>
          )}
        </span>
      </span>
    </button>
  );
}
