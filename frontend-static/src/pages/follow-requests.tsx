import { useMemo } from 'preact/hooks';
import { graph } from '../api/graph';
import type { Person } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { createFeed, type Feed } from '../state/feed';
import { showError, showToast } from '../state/toasts';

/** Pending follow requests, with their two answers. */
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
      <PageHead title={t('followRequest.title')} parent="/settings" />
      <FeedList
        feed={feed}
        keyOf={(person) => person.id}
        row={(person) => <Request person={person} feed={feed} />}
        empty={<Empty icon="users" title={t('followRequest.empty')} hint={t('followRequest.emptyHint')} />}
      />
    </>
  );
}

function Request({ person, feed }: { person: Person; feed: Feed<Person> }) {
  const answer = async (accept: boolean) => {
    feed.remove(person.id);
    try {
      await (accept ? graph.accept(person.id) : graph.decline(person.id));
      if (accept) showToast(t('followRequest.accepted', person.displayName));
    } catch (error) {
      feed.prepend(person);
      showError(error);
    }
  };
  return (
    <PersonRow person={person}>
      <span class="button-row">
        <button
          type="button"
          class="button button-small button-primary"
          aria-label={`${t('followRequest.accept')}: ${person.displayName}`}
          onClick={() => void answer(true)}>
          {t('followRequest.accept')}
        </button>
        <button
          type="button"
          class="button button-small"
          aria-label={`${t('followRequest.decline')}: ${person.displayName}`}
          onClick={() => void answer(false)}>
          {t('followRequest.decline')}
        </button>
      </span>
    </PersonRow>
  );
}
