import { useSignal } from '@preact/signals';
import type { Post } from '../api/types';
import { profile, session } from '../auth/session';
import { t } from '../i18n';
import { compactNumber, fullTime, shortTime } from '../lib/time';
import { navigate } from '../router';
import { openComposer, openEditor } from '../state/composer';
import { deletePost, shown, toggleLike } from '../state/posts';
import { toast } from '../state/toasts';
import { Avatar } from './avatar';
import { Confirm } from './confirm';
import { EditedMark } from './history-dialog';
import { Icon, type IconName } from './icon';
import { MediaGrid } from './media';
import { PollBox } from './poll';
import { PersonMenu } from './person-menu';
import { RichText } from './rich-text';
import { HiddenNote } from './standing';

interface Props {
  post: Post;
  /** The post a thread is about is shown larger. */
  focus?: boolean;
  marked?: string[];
}

const VISIBILITY_ICON: Record<Exclude<Post['visibility'], 'public'>, IconName> = { unlisted: 'link', followers: 'lock', mentioned: 'at' };

export function PostCard({ post: given, focus = false, marked = [] }: Props) {
  const post = shown(given).value;
  if (!post) return null;
  const href = `/posts/${post.id}`;
  const openThread = (event: MouseEvent) => {
    const target = event.target as Element;
    if (focus || target.closest('a, button, video, audio, dialog, img, label, input') || getSelection()?.toString()) return;
    navigate(href);
  };
  return (
    <article class={`post ${focus ? 'post-focus' : ''}`} aria-label={t('post.by', post.author.displayName)} onClick={openThread} data-post-id={post.id}>
      <a class="post-avatar" href={`/@${post.author.handle}`} tabIndex={-1} aria-hidden="true"><Avatar of={post.author} size={focus ? 52 : 44} /></a>
      <div class="post-main">
        <header class="post-head">
          <a class="post-author" href={`/@${post.author.handle}`}>
            <b>{post.author.displayName}</b> <span class="muted">@{post.author.handle}</span>
          </a>
          {!focus && <a class="post-time muted" href={href} title={fullTime(post.createdAt)}><time dateTime={post.createdAt}>{shortTime(post.createdAt)}</time></a>}
          {post.editedAt && <EditedMark post={post} />}
          {post.visibility !== 'public' && (
            <span class="post-visibility muted" title={t(`visibility.${post.visibility}`)}>
              <Icon name={VISIBILITY_ICON[post.visibility]} size={15} /><span class="visually-hidden">{t(`visibility.${post.visibility}`)}</span>
            </span>
          )}
        </header>
        {post.replyTo && !focus && <a class="post-parent muted" href={`/posts/${post.replyTo}`}><Icon name="reply" size={14} /> {t('post.showThread')}</a>}
        {post.hidden && <HiddenNote postId={post.id} reason={post.hidden} />}
        {post.text && <p class="post-text" lang={post.lang || undefined}><RichText text={post.text} entities={post.entities} marked={marked} /></p>}
        {post.media.length > 0 && <MediaGrid media={post.media} />}
        {post.poll && <PollBox post={post} />}
        {focus && <a class="post-date muted" href={href}><time dateTime={post.createdAt}>{fullTime(post.createdAt)}</time></a>}
        <PostActions post={post} />
      </div>
    </article>
  );
}

function PostActions({ post }: { post: Post }) {
  const deleting = useSignal(false);
  const guard = (action: () => void) => () => (session.value === 'in' ? action() : navigate('/sign-in'));
  const share = async () => {
    await navigator.clipboard?.writeText(`${location.origin}/posts/${post.id}`).catch(() => undefined);
    toast(t('post.copied'));
  };
  const { liked } = post.viewer;
  return (
    <div class="post-actions" role="group" aria-label={t('post.actions')}>
      <button type="button" class="action" aria-label={`${t('post.reply')}, ${t('post.replies', post.counts.replies)}`} onClick={guard(() => openComposer(post))}>
        <Icon name="reply" size={19} /><span aria-hidden="true">{post.counts.replies ? compactNumber(post.counts.replies) : ''}</span>
      </button>
      <button type="button" class={`action action-like ${liked ? 'is-on' : ''}`} aria-pressed={liked}
        aria-label={`${t('post.like')}, ${t('post.likes', post.counts.likes)}`} onClick={guard(() => void toggleLike(post))}>
        <Icon name="heart" size={19} filled={liked} /><span aria-hidden="true">{post.counts.likes ? compactNumber(post.counts.likes) : ''}</span>
      </button>
      <button type="button" class="action" aria-label={t('post.share')} onClick={() => void share()}><Icon name="link" size={19} /></button>
      {profile.value?.id === post.author.id && (
        <>
          <button type="button" class="action" aria-label={t('edit.edit')} title={t('edit.edit')} onClick={() => openEditor(post)}><Icon name="pen" size={19} /></button>
          <button type="button" class="action action-danger" aria-label={t('post.delete')} onClick={() => (deleting.value = true)}><Icon name="trash" size={19} /></button>
        </>
      )}
      <PersonMenu person={post.author} post={post} className="action" />
      {deleting.value && (
        <Confirm title={t('post.deleteConfirm')} hint={t('post.deleteHint')} action={t('post.delete')} onClose={() => (deleting.value = false)}
          onConfirm={async () => { await deletePost(post); toast(t('post.deleted')); }} />
      )}
    </div>
  );
}
