import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import type { Profile, Trend } from '../api/types';
import { profile, session } from '../auth/session';
import { config } from '../config';
import { t } from '../i18n';
import { route } from '../router';
import { isMuted, relationshipOf } from '../state/people';
import { getPublicFeed } from '../state/posts';
import { PersonRow } from './person-row';
import { SearchBox } from './search-box';

/** The side column of wide screens: search, trends, suggested people. */
export function Sidebar() {
  return (
    <aside class="side" aria-label={t('nav.sidebar')}>
      {route.value.name !== 'search' && <SearchBox />}
      <Trends />
      {session.value === 'in' && profile.value && <People />}
      <p class="side-foot muted">asyncsns · {t('settings.target', config().target)}</p>
    </aside>
  );
}

/** Hours; the API's maximum is a week. */
const WINDOWS = [1, 6, 24, 72, 168];

export function Trends() {
  const trends = useSignal<Trend[] | null>(null);
  const hours = useSignal(24);
  useEffect(() => {
    if (session.value === 'loading') return;
    const asked = hours.value;
    const take = (items: Trend[]) => {
      if (asked === hours.value) trends.value = items;
    };
    api.trends(asked).then(
      (answer) => take(answer.items),
      () => take([]),
    );
  }, [session.value, hours.value]);
  return (
    <section class="panel" aria-labelledby="trends-title">
      <div class="panel-head">
        <h2 id="trends-title">{t('sidebar.trends')}</h2>
        <select
          class="select-quiet"
          aria-label={t('sidebar.window')}
          value={hours.value}
          onChange={(event) => (hours.value = Number(event.currentTarget.value))}>
          {WINDOWS.map((length) => (
            <option key={length} value={length}>
              {length < 48 ? t('sidebar.hourCount', length) : t('sidebar.dayCount', length / 24)}
            </option>
          ))}
        </select>
      </div>
      {!trends.value && (
        <div class="panel-bones" role="status" aria-label={t('app.loading')}>
          {[72, 58, 80, 49].map((width) => (
            <span class="bone" key={width} style={{ inlineSize: `${width}%` }} />
          ))}
        </div>
      )}
      {trends.value?.length === 0 && <p class="muted">{t('sidebar.emptyTrends')}</p>}
      <ol class="trends">
        {(trends.value ?? []).slice(0, 6).map((trend) => (
          <li key={trend.tag}>
            <a href={`/tags/${encodeURIComponent(trend.tag)}`}>
              <b>#{trend.tag}</b>
              <span class="muted">{t('search.postCount', trend.posts)}</span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}

const isNew = ({ relationship }: Profile): boolean =>
  !relationship.self && !relationship.following && !relationship.requested && !relationship.blockedBy;

/** Muted or blocked, before or after they were suggested. */
const isUnwanted = (person: Profile): boolean => isMuted(person) || relationshipOf(person).blocking;

const PEOPLE_SHOWN = 3;

/** Authors that are not followed yet, latest first, up to the limit; `null`: the API returned none. */
async function newAmong(authors: string[]): Promise<Profile[] | null> {
  const told: Profile[] = [];
  const found = (): Profile[] => told.filter((person) => isNew(person) && !isUnwanted(person));
  for (let asked = 0; asked < authors.length && found().length < PEOPLE_SHOWN; asked += 8) {
    const people = await Promise.all(authors.slice(asked, asked + 8).map((id) => api.user(id).catch(() => null)));
    told.push(...people.filter((person) => person !== null));
  }
  return told.length > 0 ? found() : null;
}

/** People with public posts who are not followed yet. */
function People() {
  const people = useSignal<Profile[] | null>(null);
  const posts = getPublicFeed().items.value;
  useEffect(() => {
    if (getPublicFeed().status.value === 'idle') void getPublicFeed().load();
  }, []);
  useEffect(() => {
    if (people.value || posts.length === 0) return;
    void newAmong([...new Set(posts.map((post) => post.author.id))]).then((found) => {
      people.value = found;
    });
  }, [posts.length > 0]);
  if (!people.value) return null;
  const shown = people.value.filter((person) => !isUnwanted(person)).slice(0, PEOPLE_SHOWN);
  return (
    <section class="panel" aria-labelledby="people-title">
      <h2 id="people-title">{t('sidebar.people')}</h2>
      {shown.length === 0 && <p class="muted">{t('sidebar.emptyPeople')}</p>}
      {shown.map((person) => (
        <PersonRow key={person.id} person={person} compact />
      ))}
    </section>
  );
}
