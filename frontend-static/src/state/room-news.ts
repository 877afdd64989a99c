/** What happens in a group call, in words for screen readers: who joins, leaves, or shares a screen. */
import { t } from '../i18n';
import type { ActiveRoom } from './room';

type Described = Pick<ActiveRoom, 'members' | 'others'>;

/** The differences between two states of a call. `me`: this page's own person. */
export function newsBetween(before: Described, after: Described, me: string, nameOf: (id: string) => string): string {
  const othersIn = ({ members }: Described) => members.filter(({ userId }) => userId !== me);
  const isIn = (state: Described, id: string) => state.members.some(({ userId }) => userId === id);
  const shares = (state: Described, session: string) => Boolean(state.others[session]?.tracks.screen);
  const isNew = othersIn(after).filter(({ userId }) => !isIn(before, userId));
  const isGone = othersIn(before).filter(({ userId }) => !isIn(after, userId));
  const changed = othersIn(after).filter(({ session }) => shares(before, session) !== shares(after, session));
  return [
    ...isNew.map(({ userId }) => t('room.joined', nameOf(userId))),
    ...isGone.map(({ userId }) => t('room.left', nameOf(userId))),
    ...changed.map(({ userId, session }) =>
      t(shares(after, session) ? 'room.sharesScreen' : 'room.stoppedScreen', nameOf(userId)),
    ),
  ].join(' ');
}
