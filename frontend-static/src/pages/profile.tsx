import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { CallMedia, Post, Profile } from '../api/types';
import { session, setMe } from '../auth/session';
import { Avatar } from '../components/avatar';
import { Dialog } from '../components/dialog';
import { FeedList } from '../components/feed-list';
import { Empty, Failure, PostSkeleton } from '../components/feedback';
import { FollowButton } from '../components/follow-button';
import { Icon } from '../components/icon';
import { LiveBadge } from '../components/live/live-badge';
import { NewPosts } from '../components/new-posts';
import { PageHead } from '../components/page-head';
import { PersonMenu } from '../components/person-menu';
import { PostCard } from '../components/post-card';
import { ProfileFields } from '../components/profile-fields';
import { ProfileForm } from '../components/profile-form';
import { RichText } from '../components/rich-text';
import { t } from '../i18n';
import { entitiesOfBio } from '../lib/entities';
import { compactNumber } from '../lib/time';
import { navigate } from '../router';
import { placeCall } from '../state/calls';
import { openConversationWith } from '../state/conversations';
import { loadPins, pinnedPosts } from '../state/engagement';
import { hasLive } from '../state/lives';
import { followerCountOf, relationshipOf, resetRelationship } from '../state/people';
import { getPostFeed } from '../state/posts';
import { language } from '../state/settings';
import { showError, showToast } from '../state/toasts';

export function ProfilePage({ handle }: { handle: string }) {
  const person = useSignal<Profile | null>(null);
  const error = useSignal<unknown>(null);
  const load = async () => {
    error.value = null;
    try {
      const found = await api.userByHandle(handle);
      resetRelationship(found);
      person.value = found;
      if (found.relationship.self) setMe(found);
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => {
    person.value = null;
    void load();
  }, [handle]);
  const found = person.value;
  const missing = error.value instanceof ApiError && error.value.status === 404;
  return (
    <>
      <PageHead
        title={found?.displayName ?? `@${handle}`}
        isolated
        parent="/"
        detail={found ? t('profile.postCount', found.counts.posts) : undefined}
      />
      {missing ? (
        <Empty icon="user" title={t('profile.notFound')} />
      ) : error.value ? (
        <Failure error={error.value} retry={() => void load()} />
      ) : null}
      {!found && !error.value && <PostSkeleton />}
      {found && (
        <>
          <ProfileHead
            person={found}
            onSaved={(saved) => {
              person.value = { ...found, ...saved };
            }}
          />
          <PostsOf person={found} />
        </>
      )}
    </>
  );
}

/** The posts, or the reason why none are visible. */
function PostsOf({ person }: { person: Profile }) {
  const { blocking, blockedBy } = relationshipOf(person);
  if (blocking)
    return <Empty icon="ban" title={t('block.youBlock', person.displayName)} hint={t('block.youBlockHint')} />;
  if (blockedBy)
    return <Empty icon="ban" title={t('block.blocksYou', person.displayName)} hint={t('block.blocksYouHint')} />;
  return <Posts person={person} />;
}

function Posts({ person }: { person: Profile }) {
  const feed = getPostFeed(`user:${person.id}`, (cursor) => api.userPosts(person.id, { cursor }));
  const asked = useSignal('');
  useEffect(() => {
    loadPins(person.id)
      .catch(() => undefined)
      .finally(() => (asked.value = person.id));
  }, [person.id]);
  const pins = pinnedPosts.value.userId === person.id ? pinnedPosts.value.posts : [];
  return (
    <section aria-label={t('profile.posts')}>
      <NewPosts feed={feed} poll />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={t('profile.posts')}
        waits={asked.value !== person.id && pinnedPosts.value.userId !== person.id}
        above={pins.length > 0 && <Pins posts={pins} />}
        empty={<Empty icon="pen" title={t('profile.empty')} hint={t('profile.emptyHint')} />}
      />
    </section>
  );
}

function Pins({ posts }: { posts: Post[] }) {
  return (
    <div class="pins" role="feed" aria-label={t('pin.title')}>
      {posts.map((post) => (
        <div class="feed-row" key={post.id}>
          <PostCard post={post} pinnedTo />
        </div>
      ))}
    </div>
  );
}

function ProfileHead({ person, onSaved }: { person: Profile; onSaved: (saved: Profile) => void }) {
  const editing = useSignal(false);
  const joined = new Date(person.createdAt).toLocaleDateString(language.value, { year: 'numeric', month: 'long' });
  return (
    <section class="profile" aria-label={person.displayName}>
      <div
        class="profile-header"
        data-tone={person.id.charCodeAt(0) % 8}
        style={person.headerUrl ? { backgroundImage: `url("${encodeURI(person.headerUrl)}")` } : {}}
      />
      <div class="profile-bar">
        <span class="profile-avatar">
          <Avatar of={person} size={104} />
        </span>
        {person.relationship.self ? (
          <div class="profile-actions">
            {hasLive() && (
              <a class="button" href="/live">
                <Icon name="live" size={19} /> {t('live.start')}
              </a>
            )}
            <button type="button" class="button" onClick={() => (editing.value = true)}>
              {t('profile.edit')}
            </button>
          </div>
        ) : (
          <ProfileActions person={person} />
        )}
      </div>
      <h2 class="profile-name">
        <bdi>{person.displayName}</bdi>
        {person.locked && (
          <span class="profile-lock" title={t('privacy.locked')}>
            {' '}
            <Icon name="lock" size={20} />
            <span class="visually-hidden">{t('privacy.locked')}</span>
          </span>
        )}
      </h2>
      <p class="muted profile-handle">
        @{person.handle} {person.relationship.followedBy && <span class="chip">{t('profile.followsYou')}</span>}
      </p>
      {person.live && hasLive() && <LiveNow person={person} id={person.live} />}
      {person.suspended && !person.relationship.self && (
        <p class="notice" role="status">
          {t('standing.other')}
        </p>
      )}
      {person.bio && (
        <p class="profile-bio">
          <RichText text={person.bio} entities={entitiesOfBio(person.bio, person.bioMentions)} />
        </p>
      )}
      <ProfileFields fields={person.fields} />
      <p class="profile-counts">
        <a href={`/@${person.handle}/following`} aria-label={t('profile.followingCount', person.counts.following)}>
          <b>{compactNumber(person.counts.following)}</b> {t('profile.following')}
        </a>
        <a href={`/@${person.handle}/followers`} aria-label={t('profile.followerCount', followerCountOf(person))}>
          <b data-testid="followers">{compactNumber(followerCountOf(person))}</b>{' '}
          {t('profile.followerNoun', followerCountOf(person))}
        </a>
        <span class="muted">{t('profile.joined', joined)}</span>
      </p>
      {editing.value && (
        <Dialog title={t('profile.edit')} onClose={() => (editing.value = false)} full>
          <ProfileForm
            initial={person}
            action={t('app.save')}
            onSaved={(saved) => {
              editing.value = false;
              showToast(t('profile.saved'));
              if (saved.handle !== person.handle) navigate(`/@${saved.handle}`, { replace: true });
              else onSaved(saved);
            }}
          />
        </Dialog>
      )}
    </section>
  );
}

function LiveNow({ person, id }: { person: Profile; id: string }) {
  return (
    <a class="live-now" href={`/live/${id}`}>
      <LiveBadge /> <span>{t('live.badgeOf', person.displayName)}</span>
      <b>{t('live.watch')}</b>
    </a>
  );
}

function ProfileActions({ person }: { person: Profile }) {
  const { blocking, blockedBy } = relationshipOf(person);
  if (blocking || blockedBy)
    return (
      <div class="profile-actions">
        {!blocking && <PersonMenu person={person} />}
        <FollowButton person={person} />
      </div>
    );
  const guarded = (action: () => Promise<void>) => () =>
    session.value === 'in' ? void action().catch(showError) : navigate('/sign-in');
  const call = (media: CallMedia) => guarded(() => placeCall(person, media));
  return (
    <div class="profile-actions">
      <button
        type="button"
        class="icon-button is-outlined"
        aria-label={t('profile.call')}
        title={t('profile.call')}
        onClick={call('audio')}>
        <Icon name="phone" size={20} />
      </button>
      <button
        type="button"
        class="icon-button is-outlined"
        aria-label={t('profile.videoCall')}
        title={t('profile.videoCall')}
        onClick={call('video')}>
        <Icon name="film" size={20} />
      </button>
      <button
        type="button"
        class="icon-button is-outlined"
        aria-label={t('profile.message')}
        title={t('profile.message')}
        onClick={guarded(async () => navigate(`/messages/${await openConversationWith(person.id)}`))}>
        <Icon name="chat" size={20} />
      </button>
      <PersonMenu person={person} />
      <FollowButton person={person} />
    </div>
  );
}
