import { useEffect } from 'preact/hooks';
import type { Author, Notification } from '../api/types';
import { t } from '../i18n';
import { type Answer, answerFollowRequest, loadFollowRequests, requestStateOf } from '../state/follow-requests';
import { markNotificationRead } from '../state/notifications';
import { Avatar } from './avatar';
import { Icon } from './icon';

/**
 * The two answers to a follow request, in its notification; for a group, those of the named people and a link to the
 * rest.
 */
export function RequestAnswers({ item }: { item: Notification }) {
  useEffect(() => {
    void loadFollowRequests();
  }, [item.id]);
  const named = item.count > 1;
  return (
    <div class="request-answers">
      {item.actors.map((person) => (
        <Request
          key={person.id}
          person={person}
          named={named}
          answered={() => void markNotificationRead(item).catch(() => undefined)}
        />
      ))}
      {item.count > item.actors.length && <a href="/settings/follow-requests">{t('notifications.allRequests')}</a>}
    </div>
  );
}

function Request({ person, named, answered }: { person: Author; named: boolean; answered: () => void }) {
  const standing = requestStateOf(person);
  if (standing === 'unknown') return null;
  const answer = (what: Answer) => () => void answerFollowRequest(person, what).then(answered);
  return (
    <div class="request-answer">
      {named && (
        <a class="request-person" href={`/@${person.handle}`}>
          <Avatar of={person} size={24} />{' '}
          <b>
            <bdi>{person.displayName}</bdi>
          </b>
        </a>
      )}
      {standing === 'waiting' ? (
        <span class="button-row">
          <button
            type="button"
            class="button button-small button-primary"
            aria-label={`${t('followRequest.accept')}: ${person.displayName}`}
            onClick={answer('accepted')}>
            {t('followRequest.accept')}
          </button>
          <button
            type="button"
            class="button button-small"
            aria-label={`${t('followRequest.decline')}: ${person.displayName}`}
            onClick={answer('declined')}>
            {t('followRequest.decline')}
          </button>
        </span>
      ) : (
        <span class="muted request-done" role="status">
          <Icon name={standing === 'declined' ? 'close' : 'check'} size={16} />{' '}
          {t(
            standing === 'accepted'
              ? 'notifications.requestAccepted'
              : standing === 'declined'
                ? 'notifications.requestDeclined'
                : 'notifications.requestGone',
          )}
        </span>
      )}
    </div>
  );
}
