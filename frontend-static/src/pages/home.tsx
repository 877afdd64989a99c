import { useEffect } from 'preact/hooks';
import { profile, session } from '../auth/session';
import { Composer } from '../components/composer/composer';
import { FeedList } from '../components/feed-list';
import { Empty, Spinner } from '../components/feedback';
import { NewPosts } from '../components/new-posts';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { getHomeFeed, getPublicFeed, homeIsLive, homeRebuilding } from '../state/posts';

/** The home and the public timeline: one page with two tabs. */
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
      {session.value === 'in' && profile.value && (
        <div class="home-composer">
          <Composer />
        </div>
      )}
      {which === 'home' && homeRebuilding.value && <Rebuilding />}
      <NewPosts feed={feed} poll={which === 'public' || !homeIsLive.value} />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={t('home.timelines')}
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

/** Asks again until everything is there. */
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
