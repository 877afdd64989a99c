import type { Person } from '../api/types';
import { session } from '../auth/session';
import { t } from '../i18n';
import { navigate } from '../router';
import { isFollowing, toggleFollow } from '../state/people';

export function FollowButton({ person, small = false }: { person: Person; small?: boolean }) {
  if (person.relationship.self) return null;
  const following = isFollowing(person);
  const act = () => (session.value === 'in' ? void toggleFollow(person) : navigate('/sign-in'));
  return (
    <button type="button" class={`button follow ${small ? 'button-small' : ''} ${following ? 'is-following' : 'button-primary'}`} aria-pressed={following}
      aria-label={`${following ? t('profile.unfollow') : t('profile.follow')}: ${person.displayName}`} onClick={act}>
      <span class="follow-rest">{following ? t('profile.following') : t('profile.follow')}</span>
      {following && <span class="follow-hover" aria-hidden="true">{t('profile.unfollow')}</span>}
    </button>
  );
}
