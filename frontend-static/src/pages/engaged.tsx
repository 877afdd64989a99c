import { useMemo } from 'preact/hooks';
import { engagement } from '../api/engagement';
import type { Person, Reactor } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { createFeed } from '../state/feed';
import { getPostFeed } from '../state/posts';

export type Engaged = 'likes' | 'reposts' | 'reactions' | 'quotes';
const TABS: Engaged[] = ['likes', 'reposts', 'reactions', 'quotes'];

/** The people who liked, reposted or reacted to a post, and its quotes. */
export function EngagedPage({ id, which }: { id: string; which: Engaged }) {
  return (
    <>
      <PageHead title={t('engagement.title')} parent={`/posts/${id}`}>
        <LinkTabs
          label={t('engagement.title')}
          tabs={TABS.map((name) => ({
            href: `/posts/${id}/${name}`,
            label: t(`engagement.tab.${name}`),
            current: name === which,
          }))}
        />
      </PageHead>
      {which === 'quotes' ? (
        <Quotes id={id} />
      ) : which === 'reactions' ? (
        <Reactors id={id} />
      ) : (
        <People id={id} which={which} key={which} />
      )}
    </>
  );
}

function People({ id, which }: { id: string; which: 'likes' | 'reposts' }) {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        (cursor) => engagement.people(id, which, { cursor }),
        (person) => person.id,
      ),
    [id, which],
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(person) => person.id}
      row={(person) => <PersonRow person={person} />}
      empty={<Empty icon="users" title={t('engagement.emptyPeople')} />}
    />
  );
}

function Reactors({ id }: { id: string }) {
  const feed = useMemo(
    () =>
      createFeed<Reactor>(
        (cursor) => engagement.reactions(id, { cursor }),
        (one) => one.person.id,
      ),
    [id],
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(one) => one.person.id}
      empty={<Empty icon="users" title={t('engagement.emptyPeople')} />}
      row={(one) => (
        <div class="reactor">
          <span class="reactor-emoji" role="img" aria-label={one.emoji}>
            {one.emoji}
          </span>
          <PersonRow person={one.person} />
        </div>
      )}
    />
  );
}

function Quotes({ id }: { id: string }) {
  const feed = getPostFeed(`quotes:${id}`, (cursor) => engagement.quotes(id, { cursor }));
  return (
    <FeedList
      feed={feed}
      keyOf={(post) => post.id}
      row={(post) => <PostCard post={post} />}
      label={t('engagement.tab.quotes')}
      empty={<Empty icon="quote" title={t('engagement.emptyQuotes')} />}
    />
  );
}
