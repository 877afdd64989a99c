/** Parts of a post: reposter, content warning, quoted post, reactions. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Media, Post, Quote, Repost } from '../api/types';
import { profile, session, upToDate } from '../auth/session';
import { t } from '../i18n';
import { compactNumber, shortTime } from '../lib/time';
import { type Renew, useRenewal } from '../lib/use-renewal';
import { navigate } from '../router';
import { toggleReaction } from '../state/engagement';
import { Avatar } from './avatar';
import { Icon } from './icon';
import { RichText } from './rich-text';
import { SensitiveCover } from './sensitive-cover';

export function RepostLine({ repost }: { repost: Repost }) {
  const isOwn = repost.by.id === profile.value?.id;
  return (
    <p class="post-why muted">
      <Icon name="repost" size={15} />{' '}
      {isOwn ? t('repost.byYou') : <a href={`/@${repost.by.handle}`}>{t('repost.by', repost.by.displayName)}</a>}
    </p>
  );
}

/** Text and media behind a warning until the reader opens them; photos and videos show blurred colours. */
export function Warned({
  warning,
  media,
  children,
}: {
  warning: string | null;
  media: Media[];
  children: ComponentChildren;
}) {
  const open = useSignal(false);
  if (!warning) return <>{children}</>;
  const visual = media.filter((one) => one.kind !== 'audio');
  return (
    <div class={`warned ${open.value ? 'is-open' : ''}`}>
      <div class="warned-head">
        <Icon name="alert" size={18} />
        <p>{warning}</p>
        <button
          type="button"
          class="button button-small"
          aria-expanded={open.value}
          onClick={() => (open.value = !open.value)}>
          {t(open.value ? 'warning.hide' : 'warning.show')}
        </button>
      </div>
      {open.value
        ? children
        : visual.length > 0 && <SensitiveCover media={visual} reveal={() => (open.value = true)} />}
    </div>
  );
}

export function QuoteCard({ quote, renew }: { quote: Quote; renew?: Renew }) {
  const failed = useRenewal(renew);
  const { post } = quote;
  if (quote.state === 'unavailable')
    return (
      <p class="quote-card quote-gone muted">
        <Icon name="eyeOff" size={17} /> {t('quote.unavailable')}
      </p>
    );
  if (!post)
    return (
      <a class="quote-card" href={`/posts/${quote.postId}`}>
        {t('quote.open')}
      </a>
    );
  const author = upToDate(post.author);
  const picture = post.media.find((one) => one.thumbnailUrl ?? (one.kind === 'photo' ? one.url : null));
  return (
    <div class="quote-card" role="group" aria-label={t('quote.label', author.displayName)}>
      <p class="quote-head">
        <Avatar of={author} size={22} />
        <a class="one-line" href={`/@${author.handle}`}>
          <b>
            <bdi>{author.displayName}</bdi>
          </b>{' '}
          <span class="muted">@{author.handle}</span>
        </a>
        <a class="muted quote-time" href={`/posts/${post.id}`}>
          <time dateTime={post.createdAt}>{shortTime(post.createdAt)}</time>
        </a>
      </p>
      <Warned warning={post.contentWarning} media={post.media}>
        <div class="quote-body">
          <p class="quote-text" lang={post.lang || undefined}>
            <RichText text={post.text} entities={post.entities} />
          </p>
          {picture && post.sensitive && !post.contentWarning && (
            <a href={`/posts/${post.id}`} class="quote-media" aria-label={t('sensitive.title')}>
              <SensitiveCover media={[picture]} />
            </a>
          )}
          {picture && (!post.sensitive || post.contentWarning) && (
            <a href={`/posts/${post.id}`} class="quote-media">
              <img
                src={picture.thumbnailUrl ?? picture.url ?? ''}
                alt={picture.altText || t('post.photo')}
                loading="lazy"
                onError={() => failed(picture)}
              />
            </a>
          )}
        </div>
      </Warned>
      {post.quoteOf && (
        <a class="muted quote-more" href={`/posts/${post.id}`}>
          {t('quote.nested')}
        </a>
      )}
    </div>
  );
}

/** Emoji with their counts; the viewer's own is marked, a click adds or removes it. */
export function Reactions({ post }: { post: Post }) {
  if (post.reactions.length === 0) return null;
  const click = (emoji: string) => (session.value === 'in' ? void toggleReaction(post, emoji) : navigate('/sign-in'));
  return (
    <div class="reactions" role="group" aria-label={t('reaction.all')}>
      {post.reactions.map(({ emoji, count }) => (
        <button
          key={emoji}
          type="button"
          class={`reaction ${post.viewer.reaction === emoji ? 'is-on' : ''}`}
          aria-pressed={post.viewer.reaction === emoji}
          aria-label={t('reaction.count', emoji, count)}
          onClick={() => click(emoji)}>
          <span aria-hidden="true">{emoji}</span>
          <span aria-hidden="true">{compactNumber(count)}</span>
        </button>
      ))}
    </div>
  );
}

/** Below the main post of a page: links to its likes, reposts and quotes. */
export function EngagedLinks({ post }: { post: Post }) {
  const { likes, reposts, quotes } = post.counts;
  const links = [
    ['reposts', reposts, t('repost.repostCount', reposts)],
    ['quotes', quotes, t('repost.quoteCount', quotes)],
    ['likes', likes, t('post.likeCount', likes)],
  ] as const;
  const some = links.filter(([, n]) => n > 0);
  if (some.length === 0) return null;
  return (
    <p class="engaged-links">
      {some.map(([name, , label]) => (
        <a key={name} href={`/posts/${post.id}/${name}`}>
          {label}
        </a>
      ))}
    </p>
  );
}
