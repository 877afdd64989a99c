import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { engagement } from '../api/engagement';
import { ApiError } from '../api/problem';
import type { Thread } from '../api/types';
import { profile } from '../auth/session';
import { Composer } from '../components/composer/composer';
import { Empty, Failure, PostSkeleton, Spinner } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PostCard } from '../components/post-card';
import { t } from '../i18n';
import { getPost, lastPublished, storePost } from '../state/posts';
import { insertReply } from '../state/replies';
import { showError } from '../state/toasts';

/** A post with its ancestors above and its replies below. */
export function PostPage({ id }: { id: string }) {
  const thread = useSignal<Thread | null>(null);
  const error = useSignal<unknown>(null);
  const loading = useSignal(false);
  const fetchPage = async (query: { limit: number; cursor?: string }) => {
    const askedAt = performance.now();
    const page = await engagement.thread(id, query);
    for (const { post } of [...page.ancestors, ...page.replies, page]) if (post) storePost(post, askedAt);
    return page;
  };
  const load = async () => {
    error.value = null;
    try {
      thread.value = await fetchPage({ limit: 20 });
    } catch (failure) {
      error.value = failure;
    }
  };
  const more = async () => {
    const now = thread.peek();
    if (!now?.next || loading.peek()) return;
    loading.value = true;
    try {
      const page = await fetchPage({ limit: 20, cursor: now.next });
      const known = new Set(now.replies.map(({ post }) => post.id));
      thread.value = {
        ...now,
        replies: [...now.replies, ...page.replies.filter(({ post }) => !known.has(post.id))],
        next: page.next,
      };
    } catch (failure) {
      showError(failure);
    } finally {
      loading.value = false;
    }
  };
  useEffect(() => {
    void load();
  }, [id]);
  const fresh = lastPublished.value;
  useEffect(() => {
    if (fresh && thread.peek()) thread.value = insertReply(thread.peek()!, fresh);
  }, [fresh]);
  const current = useComputed(() => thread.value && getPost(thread.value.post).value).value;
  const found = thread.value;
  const gone = error.value instanceof ApiError && error.value.status === 404;
  return (
    <>
      <PageHead title={t('post.title')} parent="/" />
      {gone || (found && !current) ? (
        <Empty icon="search" title={t('post.gone')} />
      ) : error.value ? (
        <Failure error={error.value} retry={() => void load()} />
      ) : null}
      {!found && !error.value && <PostSkeleton count={2} />}
      {found && current && (
        <>
          <div class="ancestors">
            {found.ancestors.map(({ postId, post }) =>
              post ? (
                <PostCard key={postId} post={post} />
              ) : (
                <p class="thread-gap muted" key={postId}>
                  <Icon name="eyeOff" size={16} /> {t('thread.unavailable')}
                </p>
              ),
            )}
          </div>
          <PostCard post={found.post} focus />
          {profile.value && current.viewer.canReply && (
            <div class="home-composer thread-composer">
              <Composer replyTo={current} key={id} />
            </div>
          )}
          {profile.value && !current.viewer.canReply && (
            <p class="thread-closed muted">{t('replyPolicy.restricted')}</p>
          )}
          <section class="thread-replies" aria-label={t('post.replyCount', current.counts.replies)}>
            {found.replies.length === 0 && (
              <Empty
                icon="reply"
                title={t('post.emptyReplies')}
                hint={current.viewer.canReply ? t('post.emptyRepliesHint') : undefined}
              />
            )}
            {found.replies.map(({ depth, post }) => (
              <div class="thread-reply" key={post.id} data-depth={Math.min(depth, 5)}>
                <PostCard post={post} />
              </div>
            ))}
            {found.next && (
              <div class="feed-end">
                {loading.value ? (
                  <Spinner />
                ) : (
                  <button type="button" class="button" onClick={() => void more()}>
                    {t('thread.more')}
                  </button>
                )}
              </div>
            )}
          </section>
        </>
      )}
    </>
  );
}
