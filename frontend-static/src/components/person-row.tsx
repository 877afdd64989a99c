import type { Author, Person } from '../api/types';
import { Avatar } from './avatar';
import { FollowButton } from './follow-button';

/** A person in a list. */
export function PersonRow({ person, compact = false }: { person: Person | Author; compact?: boolean }) {
  return (
    <div class={`person ${compact ? 'person-compact' : ''}`}>
      <a href={`/@${person.handle}`} tabIndex={-1} aria-hidden="true"><Avatar of={person} size={compact ? 40 : 48} /></a>
      <div class="person-main">
        <a class="person-name" href={`/@${person.handle}`}><b>{person.displayName}</b><span class="muted">@{person.handle}</span></a>
        {!compact && 'bio' in person && person.bio && <p>{person.bio}</p>}
      </div>
      {'relationship' in person && <FollowButton person={person} small />}
    </div>
  );
}
