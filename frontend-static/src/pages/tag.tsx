import { api } from '../api';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { NewPosts } from '../components/new-posts';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { t } from '../i18n';
import { getPostFeed } from '../state/posts';

export function TagPage({ tag }: { tag: string }) {
  const feed = getPostFeed(`tag:${tag}`, (cursor) => api.tag(tag, { cursor }));
  return (
    <>
      <PageHead title={`#${tag}`} parent="/search" />
      <NewPosts feed={feed} poll />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={`#${tag}`}
        timeline
        empty={<Empty icon="tag" title={t('search.empty', `#${tag}`)} />}
      />
    </>
  );
}
