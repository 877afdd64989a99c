import { useMemo } from 'preact/hooks';
import { graph } from '../api/graph';
import type { Person } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { createFeed } from '../state/feed';

/** The people whom one has blocked, with a button to unblock each. */
export function BlockedPage() {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        (cursor) => graph.blocks({ cursor }),
        (person) => person.id,
      ),
    [],
  );
  return (
    <>
      <PageHead title={t('block.title')} parent="/settings" />
      <FeedList
        feed={feed}
        keyOf={(person) => person.id}
        row={(person) => <PersonRow person={person} />}
        empty={<Empty icon="ban" title={t('block.empty')} hint={t('block.emptyHint')} />}
      />
    </>
  );
}
