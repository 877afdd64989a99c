import { useEffect } from 'preact/hooks';
import { profile, session } from '../auth/session';
import { Composer } from '../components/composer';
import { Empty, Spinner } from '../components/feedback';
import { FeedList } from '../components/feed-list';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { homeFeed, publicFeed, rebuilding, showWaiting, waiting } from '../state/posts';

/** The home and the public timeline: one page with two tabs. */
export function HomePage({ which }: { which: 'home' | 'public' }) {
  const feed = which === 'home' ? homeFeed() : publicFeed();
  return (
    <>
      <PageHead title={which === 'home' ? t('home.title') : t('nav.public')}>
        <LinkTabs label={t('home.timelines')} tabs={[
          { href: '/', label: t('home.following'), current: which === 'home' },
          { href: '/public', label: t('home.everyone'), current: which === 'public' },
        ]} />
      </PageHead>
      {session.value === 'in' && profile.value && <div class="home-composer"><Composer /></div>}
      {which === 'home' && rebuilding.value && <Rebuilding />}
      <NewPosts which={which} />
      <FeedList feed={feed} keyOf={(post) => post.id} row={(post) => <PostCard post={post} />} label={t('home.timelines')}
        empty={which === 'home' ? <EmptyHome /> : <Empty icon="globe" title={t('home.emptyPublic')} hint={t('home.emptyPublicHint')} />} />
    </>
  );
}

function EmptyHome() {
  return (
    <Empty icon="home" title={t('home.empty')} hint={t('home.emptyHint')}>
      <a class="button button-primary" href="/public">{t('home.explore')}</a>
    </Empty>
  );
}

/** Asks again until everything is there. */
function Rebuilding() {
  useEffect(() => {
    const timer = setInterval(() => void homeFeed().load(), 2000);
    return () => clearInterval(timer);
  }, []);
  return <p class="rebuilding muted" role="status"><Spinner label={t('home.rebuilding')} /> {t('home.rebuilding')}</p>;
}

function NewPosts({ which }: { which: 'home' | 'public' }) {
  const count = waiting.value[which].size;
  const show = async () => {
    await keepingPlace(() => showWaiting(which));
    window.scrollTo({ top: 0, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  };
  return (
    <div class="new-posts" role="status">
      {count > 0 && <button type="button" class="pill" onClick={() => void show()}><Icon name="reply" size={16} /> {t('home.newPosts', count)}</button>}
    </div>
  );
}

/** Inserts above what is being read without moving it: not every browser anchors the scroll position by itself. */
async function keepingPlace(insert: () => Promise<void>): Promise<void> {
  const row = [...document.querySelectorAll('.feed-row')].find((one) => one.getBoundingClientRect().bottom > 0);
  const before = row?.getBoundingClientRect().top ?? 0;
  await insert();
  await new Promise(requestAnimationFrame);
  const moved = row?.isConnected ? row.getBoundingClientRect().top - before : 0;
  if (Math.abs(moved) > 1) window.scrollBy({ top: moved, behavior: 'instant' });
}
