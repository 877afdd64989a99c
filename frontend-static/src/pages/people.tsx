import { useMemo } from 'preact/hooks';
import { api } from '../api';
import type { Person, Profile } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { createFeed } from '../state/feed';

/** A person's followers or followed people. */
export function PeoplePage({ handle, which }: { handle: string; which: 'followers' | 'following' }) {
  const feed = useMemo(() => {
    let owner: Promise<Profile> | null = null;
    return createFeed<Person>(
      async (cursor) => {
        owner ??= api.userByHandle(handle);
        const { id } = await owner;
        return which === 'followers' ? api.followers(id, { cursor }) : api.following(id, { cursor });
      },
      (person) => person.id,
    );
  }, [handle, which]);
  return (
    <>
      <PageHead title={`@${handle}`} parent={`/@${handle}`}>
        <LinkTabs
          label={`@${handle}`}
          tabs={[
            { href: `/@${handle}/following`, label: t('profile.following'), current: which === 'following' },
            { href: `/@${handle}/followers`, label: t('profile.followers'), current: which === 'followers' },
          ]}
        />
      </PageHead>
      <FeedList
        feed={feed}
        keyOf={(person) => person.id}
        row={(person) => <PersonRow person={person} />}
        empty={<Empty icon="users" title={t('profile.emptyPeople')} hint={t('profile.emptyPeopleHint')} />}
      />
    </>
  );
}
