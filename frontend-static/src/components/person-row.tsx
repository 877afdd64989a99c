import type { ComponentChildren } from 'preact';
import type { Author, Person } from '../api/types';
import { upToDate } from '../auth/session';
import { Avatar } from './avatar';
import { FollowButton } from './follow-button';
import { LiveMark } from './live/live-badge';

interface Props {
  person: Person | Author;
  compact?: boolean;
  /** Replaces the follow button. */
  children?: ComponentChildren;
}

/** A person in a list. */
export function PersonRow({ person: given, compact = false, children }: Props) {
  const person = upToDate(given);
  return (
    <div class={`person ${compact ? 'person-compact' : ''}`}>
      {/* biome-ignore lint/a11y/useAnchorContent: hidden from screen readers, the name next to it is the link */}
      <a href={`/@${person.handle}`} tabIndex={-1} aria-hidden="true">
        <Avatar of={person} size={compact ? 40 : 48} />
      </a>
      <div class="person-main">
        <a class="person-name" href={`/@${person.handle}`}>
          <b>
            <bdi>{person.displayName}</bdi>
          </b>
          <span class="muted">@{person.handle}</span>
        </a>
        <LiveMark of={person} />
        {!compact && 'bio' in person && person.bio && <p>{person.bio}</p>}
      </div>
      {children ?? ('relationship' in person && <FollowButton person={person} small />)}
    </div>
  );
}
