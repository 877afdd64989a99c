import { useEffect } from 'preact/hooks';
import type { CallAndOther } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { fullTime, shortTime } from '../lib/time';
import { isOver } from '../state/active-call';
import { describeCall, getCallHistory, isMissedCall } from '../state/call-history';
import { placeCall } from '../state/calls';
import { showError } from '../state/toasts';

/** The calls that one had, the latest first, and the way back to each. */
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
        keyOf={({ call }) => call.id}
        row={(item) => <CallRow item={item} />}
        label={t('calls.title')}
        empty={<Empty icon="phone" title={t('calls.empty')} hint={t('calls.emptyHint')} />}
      />
    </>
  );
}

function CallRow({ item: { call, other } }: { item: CallAndOther }) {
  const again = (media: 'audio' | 'video') => void placeCall(other, media).catch(showError);
  const label = (kind: string) => `${kind}: ${other.displayName}`;
  return (
    <article class="call-row">
      <PersonRow person={other}>
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
      </PersonRow>
      <p class={isMissedCall(call) ? 'is-missed' : 'muted'}>
        <Icon name={call.media === 'video' ? 'film' : 'phone'} size={16} />
        <span>{isOver(call) ? describeCall(call) : t('calls.now')}</span>
        <time dateTime={call.createdAt} title={fullTime(call.createdAt)}>
          {shortTime(call.createdAt)}
        </time>
      </p>
    </article>
  );
}
