import { useEffect } from 'preact/hooks';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { t } from '../i18n';
import { getBookmarksFeed } from '../state/engagement';

/** The viewer's bookmarks, which nobody else can see. */
export function BookmarksPage() {
  const feed = getBookmarksFeed();
  useEffect(() => {
    if (feed.status.value === 'ready') void feed.newer();
  }, []);
  return (
    <>
      <PageHead title={t('bookmark.title')} detail={t('bookmark.titleHint')} />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={t('bookmark.title')}
        empty={<Empty icon="bookmark" title={t('bookmark.empty')} hint={t('bookmark.emptyHint')} />}
      />
    </>
  );
}
