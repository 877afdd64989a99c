import { useMemo } from 'preact/hooks';
import { graph } from '../api/graph';
import type { Person } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { createFeed, type Feed } from '../state/feed';
import { toast, toastError } from '../state/toasts';

/** Who asks to follow, and the two answers. */
export function FollowRequestsPage() {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        (cursor) => graph.requests({ cursor }),
        (person) => person.id,
      ),
    [],
  );
  return (
    <>
      <PageHead title={t('graph.requests')} parent="/settings" />
      <FeedList
        feed={feed}
        keyOf={(person) => person.id}
        row={(person) => <Request person={person} feed={feed} />}
        empty={<Empty icon="users" title={t('graph.noRequests')} hint={t('graph.noRequestsHint')} />}
      />
    </>
  );
}

function Request({ person, feed }: { person: Person; feed: Feed<Person> }) {
  const answer = async (accept: boolean) => {
    feed.remove(person.id);
    try {
      await (accept ? graph.accept(person.id) : graph.decline(person.id));
      if (accept) toast(t('graph.accepted', person.displayName));
    } catch (error) {
      feed.prepend(person);
      toastError(error);
    }
  };
  return (
    <PersonRow person={person}>
      <span class="button-row">
        <button
          type="button"
          class="button button-small button-primary"
          aria-label={`${t('graph.accept')}: ${person.displayName}`}
          onClick={() => void answer(true)}>
          {t('graph.accept')}
        </button>
        <button
          type="button"
          class="button button-small"
          aria-label={`${t('graph.decline')}: ${person.displayName}`}
          onClick={() => void answer(false)}>
          {t('graph.decline')}
        </button>
      </span>
    </PersonRow>
  );
}
