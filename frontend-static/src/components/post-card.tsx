import type { Post } from '../api/types';
import { upToDate } from '../auth/session';
import { t } from '../i18n';
import { fullTime, shortTime } from '../lib/time';
import { navigate } from '../router';
import { renewPost } from '../state/media-links';
import { getPost } from '../state/posts';
import { Avatar } from './avatar';
import { EditedMark } from './history-dialog';
import { Icon, type IconName } from './icon';
import { LiveMark } from './live/live-badge';
import { PostMedia } from './media';
import { PollBox } from './poll';
import { PostActions } from './post-actions';
import { EngagedLinks, QuoteCard, Reactions, RepostLine, Warned } from './post-parts';
import { RichText } from './rich-text';
import { HiddenNote } from './standing';

interface Props {
  post: Post;
  /** The main post of a thread is shown larger. */
  focus?: boolean;
  marked?: string[];
  /** The post is pinned to the profile. */
  pinnedTo?: boolean;
}

const VISIBILITY_ICON: Record<Exclude<Post['visibility'], 'public'>, IconName> = {
  unlisted: 'link',
  followers: 'lock',
  mentioned: 'at',
};

export function PostCard({ post: given, focus = false, marked = [], pinnedTo = false }: Props) {
  const post = getPost(given).value;
  if (!post) return null;
  const author = upToDate(post.author);
  const href = `/posts/${post.id}`;
  const renew = () => renewPost(post.id);
  const openThread = (event: MouseEvent) => {
    const target = event.target as Element;
    if (focus || target.closest('a, button, video, audio, dialog, img, label, input') || getSelection()?.toString())
      return;
    navigate(href);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: for the mouse only, the time is the link
    <article
      class={`post ${focus ? 'post-focus' : ''}`}
      aria-label={t('post.label', author.displayName)}
      onClick={openThread}
      data-post-id={post.id}>
      {pinnedTo ? (
        <p class="post-why muted">
          <Icon name="pin" size={15} /> {t('pin.pinned')}
        </p>
      ) : (
        given.repost && <RepostLine repost={given.repost} />
      )}
      {/* biome-ignore lint/a11y/useAnchorContent: hidden from screen readers, the name next to it is the link */}
      <a class="post-avatar" href={`/@${author.handle}`} tabIndex={-1} aria-hidden="true">
        <Avatar of={author} size={focus ? 52 : 44} />
      </a>
      <div class="post-main">
        <header class="post-head">
          <a class="post-author one-line" href={`/@${author.handle}`}>
            <b>
              <bdi>{author.displayName}</bdi>
            </b>{' '}
            <span class="muted">@{author.handle}</span>
          </a>
          <LiveMark of={author} />
          {!focus && (
            <a class="post-time muted" href={href} title={fullTime(post.createdAt)}>
              <time dateTime={post.createdAt}>{shortTime(post.createdAt)}</time>
            </a>
          )}
          {post.editedAt && <EditedMark post={post} />}
          {post.visibility !== 'public' && (
            <span class="post-visibility muted" title={t(`post.visibility.${post.visibility}`)}>
              <Icon name={VISIBILITY_ICON[post.visibility]} size={15} />
              <span class="visually-hidden">{t(`post.visibility.${post.visibility}`)}</span>
            </span>
          )}
        </header>
        {post.replyTo && !focus && (
          <a class="post-parent muted" href={`/posts/${post.replyTo}`}>
            <Icon name="reply" size={14} /> {t('post.showThread')}
          </a>
        )}
        {post.hidden && <HiddenNote postId={post.id} reason={post.hidden} />}
        <Warned warning={post.contentWarning} media={post.media}>
          {post.text && (
            <p class="post-text" lang={post.lang || undefined}>
              <RichText text={post.text} entities={post.entities} marked={marked} />
            </p>
          )}
          {post.media.length > 0 && (
            <PostMedia
              media={post.media}
              sensitive={post.sensitive && !post.contentWarning}
              renew={renew}
              actions={<PostActions post={post} />}
            />
          )}
          {post.poll && <PollBox post={post} />}
          {post.quote && <QuoteCard quote={post.quote} renew={renew} />}
        </Warned>
        {focus && (
          <a class="post-date muted" href={href}>
            <time dateTime={post.createdAt}>{fullTime(post.createdAt)}</time>
          </a>
        )}
        {focus && post.replyPolicy !== 'everyone' && (
          <p class="post-policy muted">
            <Icon name="reply" size={15} /> {t('replyPolicy.label')}: {t(`replyPolicy.option.${post.replyPolicy}`)}
          </p>
        )}
        {focus && <EngagedLinks post={post} />}
        <Reactions post={post} />
        <PostActions post={post} />
      </div>
    </article>
  );
}
