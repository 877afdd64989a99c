import { useState } from 'preact/hooks';
import type { Person } from '../api/types';
import { session } from '../auth/session';
import { type Key, t } from '../i18n';
import { navigate } from '../router';
import { relationshipOf, toggleFollow, unblockPerson } from '../state/people';

interface Face {
  /** The label, and the label on hover, which names the effect of a click. */
  rest: Key;
  hover?: Key;
  look: string;
}

/** Follow or request to follow, or undo either; or remove your own block. */
export function FollowButton({ person, small = false }: { person: Person; small?: boolean }) {
  const now = relationshipOf(person);
  // Right after a click the pointer is still on the button: the hover label appears only when it returns.
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
