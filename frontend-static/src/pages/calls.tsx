import { useEffect } from 'preact/hooks';
import type { Author, Call, CallMedia, GroupCall } from '../api/types';
import { Avatar } from '../components/avatar';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { duration, fullTime, shortTime } from '../lib/time';
import { isOver } from '../state/active-call';
import {
  describeCall,
  describeGroupCall,
  getCallHistory,
  isMissedCall,
  isMissedGroupCall,
  keyOfListed,
} from '../state/call-history';
import { placeCall } from '../state/calls';
import { joinRoom } from '../state/room';
import { showError } from '../state/toasts';

/** One's past calls, latest first, each with a button to call back. */
export function CallsPage() {
  const feed = getCallHistory();
  useEffect(() => {
    if (feed.status.value === 'ready') void feed.newer();
  }, []);
  return (
    <>
      <PageHead title={t('calls.title')} parent="/messages">
        <a class="icon-button" href="/settings" aria-label={t('call.check.title')} title={t('call.check.title')}>
          <Icon name="settings" />
        </a>
      </PageHead>
      <FeedList
        feed={feed}
        keyOf={keyOfListed}
        row={({ call, other, group }) =>
          group ? <GroupCallRow call={group} /> : <CallRow call={call!} other={other!} />
        }
        label={t('calls.title')}
        empty={<Empty icon="phone" title={t('calls.empty')} hint={t('calls.emptyHint')} />}
      />
    </>
  );
}

function CallRow({ call, other }: { call: Call; other: Author }) {
  return (
    <article class="call-row">
      <PersonRow person={other}>
        <Again name={other.displayName} act={(media) => placeCall(other, media)} />
      </PersonRow>
      <p class={isMissedCall(call) ? 'is-missed' : 'muted'}>
        <Icon name={call.media === 'video' ? 'film' : 'phone'} size={16} />
        <span>{isOver(call) ? describeCall(call) : t('calls.now')}</span>
        <When at={call.createdAt} />
      </p>
    </article>
  );
}

/** A group call with its attendees and their durations. */
function GroupCallRow({ call }: { call: GroupCall }) {
  const { conversationId, attendees } = call;
  const title = call.title ?? t('room.group');
  return (
    <article class="call-row">
      <div class="person">
        <Avatar of={{ id: conversationId, displayName: title, avatarUrl: null }} size={48} />
        <div class="person-main">
          <a class="person-name" href={`/messages/${conversationId}`}>
            <b>
              <bdi>{title}</bdi>
            </b>
          </a>
        </div>
        <Again name={title} act={(media) => joinRoom(conversationId, media)} />
      </div>
      <p class={isMissedGroupCall(call) ? 'is-missed' : 'muted'}>
        <Icon name={call.media === 'video' ? 'film' : 'phone'} size={16} />
        <span>{describeGroupCall(call)}</span>
        <When at={call.createdAt} />
      </p>
      <details class="call-attendees">
        <summary>{t('calls.attendees', attendees.length)}</summary>
        <ul>
          {attendees.map(({ person, seconds }) => (
            <li key={person.id}>
              <bdi>{person.displayName || t('app.deletedAccount')}</bdi>
              <span class="muted">{duration(seconds * 1000)}</span>
            </li>
          ))}
        </ul>
      </details>
    </article>
  );
}

function Again({ name, act }: { name: string; act: (media: CallMedia) => Promise<void> }) {
  const label = (kind: string) => `${kind}: ${name}`;
  const again = (media: CallMedia) => void act(media).catch(showError);
  return (
    <>
      <button type="button" class="icon-button" aria-label={label(t('profile.call'))} onClick={() => again('audio')}>
        <Icon name="phone" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={label(t('profile.videoCall'))}
        onClick={() => again('video')}>
        <Icon name="film" />
      </button>
    </>
  );
}

function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={fullTime(at)}>
      {shortTime(at)}
    </time>
  );
}
