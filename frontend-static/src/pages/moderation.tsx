import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  type CaseDetail,
  type DecisionKind,
  type LogEntry,
  type ModerationCase,
  moderation,
  type Reason,
  type SubjectKind,
} from '../api/moderation';
import { ApiError } from '../api/problem';
import { isModerator } from '../auth/session';
import { Avatar } from '../components/avatar';
import { Dialog } from '../components/dialog';
import { FeedList } from '../components/feed-list';
import { Empty, Failure, Spinner } from '../components/feedback';
import { TextArea } from '../components/fields';
import { PageHead } from '../components/page-head';
import { ReasonChoice } from '../components/report-dialog';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { fullTime, shortTime } from '../lib/time';
import { useForm } from '../lib/use-form';
import { createFeed } from '../state/feed';
import { showToast } from '../state/toasts';
import { NotFoundPage } from './not-found';

const KINDS: readonly SubjectKind[] = ['post', 'person', 'message'];

export type Tab = 'open' | 'closed' | 'log';

/** The queue of reports, what was decided, and the log: for moderators only, as the API has it. */
export function ModerationPage({ tab }: { tab: Tab }) {
  if (!isModerator.value) return <Denied />;
  return (
    <>
      <PageHead title={t('moderation.title')}>
        <LinkTabs
          label={t('moderation.title')}
          tabs={(['open', 'closed', 'log'] as const).map((one) => ({
            href: one === 'open' ? '/moderation' : `/moderation/${one}`,
            label: t(`moderation.tab.${one}`),
            current: tab === one,
          }))}
        />
      </PageHead>
      {tab === 'log' ? <Log /> : <Queue key={tab} state={tab} />}
    </>
  );
}

const keyOf = (item: ModerationCase): string => `${item.kind}:${item.subjectId}`;

function Queue({ state }: { state: 'open' | 'closed' }) {
  const feed = useMemo(() => createFeed<ModerationCase>((cursor) => moderation.cases(state, cursor), keyOf), [state]);
  const open = useSignal<ModerationCase | null>(null);
  return (
    <>
      <FeedList
        feed={feed}
        keyOf={keyOf}
        row={(item) => <Row item={item} onOpen={() => (open.value = item)} />}
        empty={<Empty icon="check" title={t(`moderation.empty.${state}`)} hint={t('moderation.emptyHint')} />}
      />
      {open.value && (
        <CaseDialog
          of={open.value}
          onClose={() => (open.value = null)}
          onDecided={() => {
            open.value = null;
            void feed.load();
          }}
        />
      )}
    </>
  );
}

function Row({ item, onOpen }: { item: ModerationCase; onOpen: () => void }) {
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

function CaseDialog({ of, onClose, onDecided }: { of: ModerationCase; onClose: () => void; onDecided: () => void }) {
  const found = useSignal<CaseDetail | null>(null);
  const error = useSignal<unknown>(null);
  useEffect(() => {
    moderation.case(of.kind, of.subjectId).then(
      (detail) => (found.value = detail),
      (failure) => (error.value = failure),
    );
  }, []);
  return (
    <Dialog title={t('moderation.case')} onClose={onClose} full>
      {error.value ? (
        <Failure error={error.value} />
      ) : !found.value ? (
        <div class="splash">
          <Spinner />
        </div>
      ) : (
        <Detail detail={found.value} onDecided={onDecided} />
      )}
    </Dialog>
  );
}

/** A case at an address of its own: where the log leads. */
export function CasePage({ kind, id }: { kind: string; id: string }) {
  const found = useSignal<CaseDetail | null>(null);
  const error = useSignal<unknown>(null);
  const isKnown = (KINDS as readonly string[]).includes(kind);
  const load = () =>
    moderation.case(kind as SubjectKind, id).then(
      (detail) => (found.value = detail),
      (failure) => (error.value = failure),
    );
  useEffect(() => {
    if (isModerator.value && isKnown) void load();
  }, []);
  if (!isModerator.value) return <Denied />;
  if (!isKnown || (error.value instanceof ApiError && [400, 404].includes(error.value.status))) return <NotFoundPage />;
  return (
    <>
      <PageHead title={t('moderation.case')} parent="/moderation/log" />
      <div class="case-page">
        {error.value ? (
          <Failure error={error.value} />
        ) : !found.value ? (
          <div class="splash">
            <Spinner />
          </div>
        ) : (
          <Detail key={found.value.updatedAt} heading="h2" detail={found.value} onDecided={() => void load()} />
        )}
      </div>
    </>
  );
}

function Denied() {
  return <Empty icon="shield" title={t('moderation.denied')} hint={t('moderation.deniedHint')} />;
}

function Detail({
  detail,
  onDecided,
  heading: Heading = 'h3',
}: {
  detail: CaseDetail;
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
              <Entry key={one.id} entry={one} />
            ))}
          </ul>
        </section>
      )}
      <Decide detail={detail} onDecided={onDecided} />
    </div>
  );
}

/** What can be decided now. On a post or a message, also about the person behind it. */
function choices(detail: CaseDetail): { decision: DecisionKind; person: boolean }[] {
  const about = (decision: DecisionKind, person = false) => ({ decision, person });
  const own = detail.kind === 'post' ? [about(detail.measure === 'hidden' ? 'unhide' : 'hide')] : [];
  const person = about(detail.ownerSuspended ? 'unsuspend' : 'suspend', true);
  return [...own, person, ...(detail.open ? [about('dismiss')] : [])];
}

function Decide({ detail, onDecided }: { detail: CaseDetail; onDecided: () => void }) {
  const [reason, setReason] = useState<Reason>(detail.reason ?? detail.reportList[0]?.reason ?? 'other');
  const [comment, setComment] = useState('');
  const [chosen, setChosen] = useState<string>('');
  const form = useForm(async () => {
    const choice = choices(detail).find((one) => one.decision === chosen);
    if (!choice) return;
    const [kind, id] = choice.person
      ? (['person', detail.owner.id] as const)
      : ([detail.kind, detail.subjectId] as const);
    const body = { reason, comment: comment.trim() };
    await moderation.decide(kind, id, { ...body, decision: choice.decision });
    // The report is answered with it; otherwise the case would go on waiting.
    if (choice.person && detail.kind !== 'person' && detail.open)
      await moderation.decide(detail.kind, detail.subjectId, { ...body, decision: 'dismiss' });
    showToast(t('moderation.done'));
    onDecided();
  }, errorMessage);
  return (
    <form class="stack" onSubmit={form.submit}>
      <fieldset class="reasons">
        <legend>{t('moderation.decision')}</legend>
        {choices(detail).map(({ decision }) => (
          <label key={decision}>
            <input
              type="radio"
              name="decision"
              required
              checked={chosen === decision}
              onChange={() => setChosen(decision)}
            />
            <span>{t(`moderation.decision.${decision}`)}</span>
          </label>
        ))}
      </fieldset>
      <ReasonChoice value={reason} onChange={setReason} />
      <TextArea label={t('moderation.comment')} maxLength={1000} value={comment} onValue={setComment} />
      {form.error && (
        <p class="form-error" role="alert">
          {form.error}
        </p>
      )}
      <button type="submit" class="button button-primary" disabled={form.busy || !chosen}>
        {t('moderation.decide')}
      </button>
    </form>
  );
}

function Entry({ entry, linked = false }: { entry: LogEntry; linked?: boolean }) {
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
      {linked && (
        <a href={`/moderation/cases/${entry.kind}/${encodeURIComponent(entry.subjectId)}`}>
          {t('moderation.openCase')}
        </a>
      )}
    </li>
  );
}

function Log() {
  const feed = useMemo(
    () =>
      createFeed<LogEntry>(
        (cursor) => moderation.log(cursor),
        (entry) => entry.id,
      ),
    [],
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(entry) => entry.id}
      row={(entry) => (
        <ul class="case-list case-log">
          <Entry entry={entry} linked />
        </ul>
      )}
      empty={<Empty icon="shield" title={t('moderation.empty.log')} />}
    />
  );
}
