import { useEffect } from 'preact/hooks';
import { me, profile, session } from '../auth/session';
import { Composer } from '../components/composer/composer';
import { FeedList } from '../components/feed-list';
import { Empty, Spinner } from '../components/feedback';
import { Icon } from '../components/icon';
import { RunningLives } from '../components/live/running-lives';
import { NewPosts } from '../components/new-posts';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { fullTime } from '../lib/time';
import { getHomeFeed, getPublicFeed, homeIsLive, homeKeptAt, homeRebuilding } from '../state/posts';
import { onConnected } from '../state/realtime';

/** The home and public timelines: one page with two tabs. */
export function HomePage({ which }: { which: 'home' | 'public' }) {
  const feed = which === 'home' ? getHomeFeed() : getPublicFeed();
  return (
    <>
      <PageHead title={which === 'home' ? t('home.title') : t('nav.public')}>
        <LinkTabs
          label={t('home.timelines')}
          tabs={[
            { href: '/', label: t('home.following'), current: which === 'home' },
            { href: '/public', label: t('home.everyone'), current: which === 'public' },
          ]}
        />
      </PageHead>
      {session.value === 'in' && me.value !== 'missing' && (
        <div class="home-composer">{profile.value && <Composer offersLive />}</div>
      )}
      {which === 'home' && session.value === 'in' && <RunningLives />}
      {which === 'home' && homeKeptAt.value && <Kept at={homeKeptAt.value} />}
      {which === 'home' && homeRebuilding.value && <Rebuilding />}
      <NewPosts feed={feed} poll={which === 'public' || !homeIsLive.value} />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={t('home.timelines')}
        timeline={which === 'public' || homeKeptAt.value === null}
        empty={
          which === 'home' ? (
            <EmptyHome />
          ) : (
            <Empty icon="globe" title={t('home.emptyPublic')} hint={t('home.emptyPublicHint')} />
          )
        }
      />
    </>
  );
}

function EmptyHome() {
  return (
    <Empty icon="home" title={t('home.empty')} hint={t('home.emptyHint')}>
      <a class="button button-primary" href="/public">
        {t('home.explore')}
      </a>
    </Empty>
  );
}

/** A notice that the posts are from an earlier visit; reloads the list when there is a network. */
function Kept({ at }: { at: string }) {
  useEffect(() => {
    const load = () => void getHomeFeed().load();
    addEventListener('online', load);
    const off = onConnected(load);
    return () => {
      removeEventListener('online', load);
      off();
    };
  }, []);
  return (
    <p class="kept-note muted" role="status">
      <Icon name="clock" size={18} /> {t('home.keptAt', fullTime(at))}
    </p>
  );
}

/** Polls until the timeline is rebuilt. */
function Rebuilding() {
  useEffect(() => {
    const timer = setInterval(() => void getHomeFeed().load(), 2000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="rebuilding muted" role="status">
      <Spinner label={t('home.rebuilding')} /> {t('home.rebuilding')}
    </p>
  );
}
