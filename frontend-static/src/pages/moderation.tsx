import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { type CaseDetail as Detail, type ModerationCase, moderation } from '../api/moderation';
import { ApiError } from '../api/problem';
import type { AuditEntry as Entry, SubjectKind } from '../api/types';
import { isModerator } from '../auth/session';
import { Dialog } from '../components/dialog';
import { FeedList } from '../components/feed-list';
import { Empty, Failure, Spinner } from '../components/feedback';
import { AuditEntry } from '../components/moderation/audit-entry';
import { CaseDetail } from '../components/moderation/case-detail';
import { CaseRow } from '../components/moderation/case-row';
import { PageHead } from '../components/page-head';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { createFeed } from '../state/feed';
import { NotFoundPage } from './not-found';

const KINDS: readonly SubjectKind[] = ['post', 'person', 'message', 'live'];

export type Tab = 'open' | 'closed' | 'log';

/** Open cases, decided cases and the log: for moderators only, which the API enforces. */
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
        row={(item) => <CaseRow item={item} onOpen={() => (open.value = item)} />}
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

function CaseDialog({ of, onClose, onDecided }: { of: ModerationCase; onClose: () => void; onDecided: () => void }) {
  const found = useSignal<Detail | null>(null);
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
        <CaseDetail detail={found.value} onDecided={onDecided} />
      )}
    </Dialog>
  );
}

/** A case with its own URL, to which the log links. */
export function CasePage({ kind, id }: { kind: string; id: string }) {
  const found = useSignal<Detail | null>(null);
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
          <CaseDetail key={found.value.updatedAt} heading="h2" detail={found.value} onDecided={() => void load()} />
        )}
      </div>
    </>
  );
}

function Denied() {
  return (
    <>
      <PageHead title={t('moderation.title')} parent="/" />
      <Empty icon="shield" title={t('moderation.denied')} hint={t('moderation.deniedHint')} />
    </>
  );
}

function Log() {
  const feed = useMemo(
    () =>
      createFeed<Entry>(
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
          <AuditEntry entry={entry} />
        </ul>
      )}
      empty={<Empty icon="shield" title={t('moderation.empty.log')} />}
    />
  );
}
