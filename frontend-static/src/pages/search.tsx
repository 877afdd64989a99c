import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { api } from '../api';
import type { Facets, Person, PostHit, TagHit } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { PostCard } from '../components/post-card';
import { SavedSearches, SaveSearch } from '../components/saved-searches';
import { SearchBox } from '../components/search-box';
import { explainFault, Misread, NoneOfThem } from '../components/search-faults';
import { SearchFacets, SearchFilters } from '../components/search-filters';
import { Trends } from '../components/sidebar';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { matchedWords } from '../lib/highlight';
import { countFilters, readFilters } from '../lib/query';
import { navigate, route } from '../router';
import { createFeed } from '../state/feed';
import { storePost } from '../state/posts';
import { filtersOpen, searchText } from '../state/search';

type Kind = 'posts' | 'people' | 'tags';
const KINDS: Kind[] = ['posts', 'people', 'tags'];

export function SearchPage() {
  const { query } = route.value;
  const q = query.get('q') ?? '';
  const kind = KINDS.find((name) => name === query.get('type')) ?? 'posts';
  const sort = query.get('sort') === 'time' ? 'time' : 'relevance';
  const address = (next: Record<string, string>) => `/search?${new URLSearchParams({ q, type: kind, sort, ...next })}`;
  return (
    <>
      <PageHead title={t('search.title')} />
      <div class="search-head">
        <SearchBox autoFocus={!q} />
        {kind === 'posts' && <Tools q={q} />}
        {kind === 'posts' && filtersOpen.value && <SearchFilters id="filters" />}
      </div>
      {q && (
        <div class="search-tools">
          <LinkTabs
            label={t('search.tabs')}
            tabs={KINDS.map((name) => ({
              href: address({ type: name }),
              label: t(`search.tab.${name}`),
              current: kind === name,
            }))}
          />
          {kind === 'posts' && (
            <select
              class="select-quiet"
              aria-label={t('search.sort')}
              value={sort}
              onChange={(event) => navigate(address({ sort: event.currentTarget.value }))}>
              <option value="relevance">{t('search.relevance')}</option>
              <option value="time">{t('search.time')}</option>
            </select>
          )}
        </div>
      )}
      {!q ? (
        <Start />
      ) : kind === 'posts' ? (
        <PostResults q={q} sort={sort} />
      ) : kind === 'people' ? (
        <PeopleResults q={q} />
      ) : (
        <TagResults q={q} />
      )}
    </>
  );
}

function Tools({ q }: { q: string }) {
  const count = countFilters(readFilters(searchText.value));
  return (
    <div class="search-actions">
      <button
        type="button"
        class="button button-small"
        aria-expanded={filtersOpen.value}
        aria-controls={filtersOpen.value ? 'filters' : undefined}
        onClick={() => (filtersOpen.value = !filtersOpen.value)}>
        <Icon name="filter" size={18} />
        {count ? t('search.filterCount', count) : t('search.filters')}
      </button>
      {q && <SaveSearch q={q} />}
    </div>
  );
}

/** Data of the whole result from its first page. */
interface Summary {
  facets: Facets;
  total: number;
  didYouMean: string | null;
  unknownHandles: string[];
}

function PostResults({ q, sort }: { q: string; sort: string }) {
  const { feed, summary } = useMemo(() => {
    const first = signal<Summary | null>(null);
    const list = createFeed<PostHit>(
      async (cursor) => {
        const askedAt = performance.now();
        const page = await api.searchPosts({ q, sort, cursor });
        for (const hit of page.items) storePost(hit.post, askedAt);
        if (!cursor) first.value = { facets: {}, total: 0, didYouMean: null, unknownHandles: [], ...page };
        return { ...page, older: page.older ?? null, newer: null };
      },
      (hit) => hit.post.id,
    );
    return { feed: list, summary: first };
  }, [q, sort]);
  const known = summary.value;
  return (
    <>
      {known && <NoneOfThem handles={known.unknownHandles} />}
      {known && <SearchFacets facets={known.facets} />}
      {known && known.total > 0 && (
        <p class="search-total muted" role="status">
          {t('search.totalCount', known.total)}
        </p>
      )}
      <FeedList
        feed={feed}
        keyOf={(hit) => hit.post.id}
        label={t('search.tab.posts')}
        empty={<None q={q} meant={known?.didYouMean} />}
        explain={explainFault}
        row={(hit) => <PostCard post={hit.post} marked={matchedWords(hit.highlight)} />}
      />
    </>
  );
}

function PeopleResults({ q }: { q: string }) {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        async (cursor) => {
          const page = await api.searchPeople({ q, cursor });
          return { ...page, older: page.older ?? null, newer: null };
        },
        (person) => person.id,
      ),
    [q],
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(person) => person.id}
      row={(person) => <PersonRow person={person} />}
      empty={<None q={q} />}
    />
  );
}

function TagResults({ q }: { q: string }) {
  const feed = useMemo(
    () =>
      createFeed<TagHit>(
        async (cursor) => {
          const page = await api.searchTags({ q, cursor });
          return { ...page, older: page.older ?? null, newer: null };
        },
        (hit) => hit.tag,
      ),
    [q],
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(hit) => hit.tag}
      empty={<None q={q} />}
      row={(hit) => (
        <a class="tag-row" href={`/tags/${encodeURIComponent(hit.tag)}`}>
          <b>#{hit.tag}</b>
          <span class="muted">{t('search.postCount', hit.posts)}</span>
        </a>
      )}
    />
  );
}

function None({ q, meant }: { q: string; meant?: string | null }) {
  return (
    <Empty icon="search" title={t('search.empty', q)} hint={t('search.emptyHint')}>
      {meant && (
        <p class="meant">
          {t('search.didYouMean')} <a href={`/search?q=${encodeURIComponent(meant)}`}>{meant}</a>
        </p>
      )}
      <Misread q={q} />
    </Empty>
  );
}

const OPERATORS: readonly (readonly [
  string,
  (
    | 'search.operator.from'
    | 'search.operator.to'
    | 'search.operator.has'
    | 'search.operator.since'
    | 'search.operator.until'
    | 'search.operator.lang'
    | 'search.operator.not'
    | 'search.operator.phrase'
  ),
])[] = [
  ['from:handle', 'search.operator.from'],
  ['to:handle', 'search.operator.to'],
  ['has:photo', 'search.operator.has'],
  ['since:2026-01-31', 'search.operator.since'],
  ['until:2026-12-31', 'search.operator.until'],
  ['lang:ja', 'search.operator.lang'],
  ['-word', 'search.operator.not'],
  ['"two words"', 'search.operator.phrase'],
];

function Start() {
  return (
    <>
      <SavedSearches />
      <Empty icon="search" title={t('search.start')} hint={t('search.startHint')} />
      <section class="operators" aria-labelledby="operators-title">
        <h2 id="operators-title">{t('search.operators')}</h2>
        <dl>
          {OPERATORS.map(([code, key]) => (
            <div key={code}>
              <dt>
                <code>{code}</code>
              </dt>
              <dd>{t(key)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <div class="only-narrow">
        <Trends />
      </div>
    </>
  );
}
