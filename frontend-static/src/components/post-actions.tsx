import { useSignal } from '@preact/signals';
import type { Post } from '../api/types';
import { profile, session } from '../auth/session';
import { t } from '../i18n';
import { compactNumber } from '../lib/time';
import { navigate } from '../router';
import { openComposer, openEditor, openQuote } from '../state/composer';
import { loadPins, pinnedPosts, toggleBookmark, togglePin, toggleReaction, toggleRepost } from '../state/engagement';
import { muteThread } from '../state/people';
import { deletePost, toggleLike } from '../state/posts';
import { copyAndSay, showError, showToast } from '../state/toasts';
import { Confirm } from './confirm';
import { HistoryDialog } from './history-dialog';
import { Icon } from './icon';
import { Menu, type MenuItem } from './menu';
import { PersonMenu } from './person-menu';
import { ReactionPicker } from './reaction-picker';

const count = (n: number) => <span aria-hidden="true">{n ? compactNumber(n) : ''}</span>;

/** The row of actions below a post. */
export function PostActions({ post }: { post: Post }) {
  const asking = useSignal<'delete' | 'history' | null>(null);
  const guard = (action: () => void) => () => (session.value === 'in' ? action() : navigate('/sign-in'));
  const { liked, reposted, bookmarked, canReply } = post.viewer;
  const isOpen = post.visibility === 'public' || post.visibility === 'unlisted';
  const isOwn = profile.value?.id === post.author.id;
  const more = moreItems(post, isOwn, (what) => (asking.value = what));
  const carryOn: MenuItem[] = [
    ...(isOpen
      ? [
          {
            icon: 'repost',
            label: t(reposted ? 'repost.undo' : 'repost.repost'),
            act: guard(() => void toggleRepost(post)),
          } as const,
        ]
      : []),
    { icon: 'quote', label: t('repost.quote'), act: guard(() => openQuote(post)) },
  ];
  const replyLabel = t(canReply ? 'post.reply' : 'replyPolicy.restricted');
  const carried = post.counts.reposts + post.counts.quotes;
  return (
    <div class="post-actions" role="group" aria-label={t('post.actions')}>
      <button
        type="button"
        class="action"
        disabled={!canReply}
        title={canReply ? undefined : t('replyPolicy.restricted')}
        aria-label={`${replyLabel}, ${t('post.replyCount', post.counts.replies)}`}
        onClick={guard(() => openComposer(post))}>
        <Icon name="reply" size={19} />
        {count(post.counts.replies)}
      </button>
      {(isOpen || isOwn) && (
        <Menu
          className={`action action-repost ${reposted ? 'is-on' : ''}`}
          items={carryOn}
          label={`${t(reposted ? 'repost.reposted' : 'repost.menu')}, ${t('repost.totalCount', carried)}`}>
          <Icon name="repost" size={20} />
          {count(carried)}
        </Menu>
      )}
      <button
        type="button"
        class={`action action-like ${liked ? 'is-on' : ''}`}
        aria-pressed={liked}
        aria-label={`${t('post.like')}, ${t('post.likeCount', post.counts.likes)}`}
        onClick={guard(() => void toggleLike(post))}>
        <Icon name="heart" size={19} filled={liked} />
        {count(post.counts.likes)}
      </button>
      <ReactionPicker mine={post.viewer.reaction} pick={(emoji) => guard(() => void toggleReaction(post, emoji))()} />
      <button
        type="button"
        class={`action ${bookmarked ? 'is-on' : ''}`}
        aria-pressed={bookmarked}
        aria-label={t('bookmark.bookmark')}
        title={t('bookmark.bookmark')}
        onClick={guard(() => void toggleBookmark(post))}>
        <Icon name="bookmark" size={19} filled={bookmarked} />
      </button>
      {isOwn ? (
        <Menu
          className="action"
          label={t('post.menu')}
          items={more}
          onOpen={() => pinnedPosts.peek().userId !== post.author.id && void loadPins(post.author.id).catch(showError)}>
          <Icon name="more" size={19} />
        </Menu>
      ) : (
        <PersonMenu person={post.author} post={post} className="action" first={more} />
      )}
      {asking.value === 'history' && <HistoryDialog postId={post.id} onClose={() => (asking.value = null)} />}
      {asking.value === 'delete' && (
        <Confirm
          title={t('post.deleteConfirm')}
          hint={t('post.deleteConfirmHint')}
          action={t('post.delete')}
          onClose={() => (asking.value = null)}
          onConfirm={async () => {
            await deletePost(post);
            showToast(t('post.deleted'));
          }}
        />
      )}
    </div>
  );
}

function moreItems(post: Post, isOwn: boolean, ask: (what: 'delete' | 'history') => void): MenuItem[] {
  const share = async () => {
    await copyAndSay(`${location.origin}/posts/${post.id}`, t('post.copied'));
  };
  const isPinned =
    pinnedPosts.value.userId === post.author.id && pinnedPosts.value.posts.some((one) => one.id === post.id);
  const items: MenuItem[] = [
    { icon: 'link', label: t('post.share'), act: () => void share() },
    { icon: 'users', label: t('engagement.title'), act: () => navigate(`/posts/${post.id}/likes`) },
  ];
  if (post.editedAt) items.push({ icon: 'history', label: t('versions.title'), act: () => ask('history') });
  if (isOwn) {
    if (post.visibility !== 'mentioned')
      items.push({ icon: 'pin', label: t(isPinned ? 'pin.unpin' : 'pin.pin'), act: () => void togglePin(post) });
    items.push({ icon: 'pen', label: t('edit.edit'), act: () => openEditor(post) });
    items.push({ icon: 'bellOff', label: t('mute.muteThread'), act: () => void muteThread(post) });
    items.push({ icon: 'trash', label: t('post.delete'), act: () => ask('delete'), danger: true });
  }
  return items;
}
