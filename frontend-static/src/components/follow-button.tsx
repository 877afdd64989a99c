import { useState } from 'preact/hooks';
import type { Person } from '../api/types';
import { session } from '../auth/session';
import { type Key, t } from '../i18n';
import { navigate } from '../router';
import { relationshipOf, toggleFollow, unblockPerson } from '../state/people';

interface Face {
  /** What it says, and what it says under the pointer: what a click does. */
  rest: Key;
  hover?: Key;
  look: string;
}

/** Follow, ask to follow, take either back; or end your own block. */
export function FollowButton({ person, small = false }: { person: Person; small?: boolean }) {
  const now = relationshipOf(person);
  // Right after a click the pointer is still there: what a second click would do shows when it comes back.
  const [fresh, setFresh] = useState(false);
  if (now.self || now.blockedBy) return null;
  const asks = 'locked' in person && Boolean(person.locked);
  const face: Face = now.blocking
    ? { rest: 'block.unblock', look: 'button-danger' }
    : now.following
      ? { rest: 'profile.following', hover: 'profile.unfollow', look: 'is-following' }
      : now.requested
        ? { rest: 'followRequest.sent', hover: 'followRequest.cancel', look: 'is-following' }
        : { rest: asks ? 'followRequest.send' : 'profile.follow', look: 'button-primary' };
  const act = () => {
    if (session.value !== 'in') return navigate('/sign-in');
    setFresh(true);
    void (now.blocking ? unblockPerson(person) : toggleFollow(person));
  };
  return (
    <button
      type="button"
      class={`button follow ${small ? 'button-small' : ''} ${face.look} ${fresh ? 'is-fresh' : ''}`}
      aria-pressed={now.following || now.requested}
      aria-label={`${t((face.hover ?? face.rest) as 'profile.follow')}: ${person.displayName}`}
      onPointerLeave={() => setFresh(false)}
      onClick={act}>
      <span class="follow-rest">{t(face.rest as 'profile.follow')}</span>
      {face.hover && (
        <span class="follow-hover" aria-hidden="true">
          {t(face.hover as 'profile.follow')}
        </span>
      )}
    </button>
  );
}
