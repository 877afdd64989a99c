import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Post } from '../api/types';
import { profile } from '../auth/session';
import { Composer } from '../components/composer';
import { Empty, Failure, PostSkeleton } from '../components/feedback';
import { FeedList } from '../components/feed-list';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { t } from '../i18n';
import { keep, postFeed, shown } from '../state/posts';

const ANCESTORS = 10;

/** A post with what it answers above and its replies below. */
export function PostPage({ id }: { id: string }) {
  const post = useSignal<Post | null>(null);
  const ancestors = useSignal<Post[]>([]);
  const error = useSignal<unknown>(null);
  const load = async () => {
    error.value = null;
    try {
      const found = await api.post(id);
      keep(found);
      post.value = found;
      ancestors.value = await loadAncestors(found);
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => {
    void load();
  }, [id]);
  const replies = postFeed(`replies:${id}`, (cursor) => api.replies(id, { cursor }));
  const gone = error.value instanceof ApiError && error.value.status === 404;
  const current = post.value && shown(post.value).value;
  return (
    <>
      <PageHead title={t('post.thread')} parent="/" />
      {gone || (post.value && !current) ? <Empty icon="search" title={t('post.gone')} /> : error.value ? <Failure error={error.value} retry={() => void load()} /> : null}
      {!post.value && !error.value && <PostSkeleton count={2} />}
      {post.value && current && (
        <>
          <div class="ancestors">{ancestors.value.map((ancestor) => <PostCard key={ancestor.id} post={ancestor} />)}</div>
          <PostCard post={post.value} focus />
          {profile.value && <div class="home-composer thread-composer"><Composer replyTo={current} key={id} /></div>}
          <section aria-label={t('post.replies', current.counts.replies)}>
            <FeedList feed={replies} keyOf={(reply) => reply.id} row={(reply) => <PostCard post={reply} />} label={t('post.replies', current.counts.replies)}
              empty={<Empty icon="reply" title={t('post.noReplies')} hint={t('post.noRepliesHint')} />} />
          </section>
        </>
      )}
    </>
  );
}

async function loadAncestors(post: Post): Promise<Post[]> {
  const found: Post[] = [];
  for (let parent = post.replyTo; parent && found.length < ANCESTORS; parent = found[0]!.replyTo) {
    const next = await api.post(parent).catch(() => null);
    if (!next) break;
    keep(next);
    found.unshift(next);
  }
  return found;
}
