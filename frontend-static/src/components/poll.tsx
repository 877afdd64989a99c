import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { api } from '../api';
import type { Poll, Post } from '../api/types';
import { profile } from '../auth/session';
import { t } from '../i18n';
import { fullTime, timeUntil } from '../lib/time';
import { useLivePoll } from '../state/live-poll';
import { makeOwnChange, patchPost } from '../state/posts';
import { showError, showToast } from '../state/toasts';
import { Icon } from './icon';

/** A post's poll: a ballot for people who have not voted, live results for all others. */
export function PollBox({ post }: { post: Post }) {
  const poll = post.poll;
  const box = useRef<HTMLDivElement>(null);
  const isOwn = profile.value?.id === post.author.id;
  const open = poll !== null && !poll.ended && poll.choices.length === 0 && !isOwn && profile.value !== null;
  useLivePoll(post.id, poll, !open, box);
  if (!poll) return null;
  return (
    // A group and not a region: a page may show several polls, and landmarks need different names.
    <div
      ref={box}
      role="group"
      class="poll"
      aria-label={t('poll.legend')}
      data-state={poll.ended ? 'ended' : open ? 'open' : 'results'}>
      {open ? <Ballot post={post} poll={poll} /> : <Results poll={poll} />}
      <p class="poll-foot muted">
        {t('poll.voterCount', poll.voters)} · <PollEnd poll={poll} />
      </p>
    </div>
  );
}

/** The time left, or that the poll has ended. */
function PollEnd({ poll }: { poll: Poll }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    if (poll.ended) return undefined;
    const timer = setInterval(() => (now.value = Date.now()), 10_000);
    return () => clearInterval(timer);
  }, [poll.ended]);
  const title = t(poll.ended ? 'poll.endedAt' : 'poll.ends', fullTime(poll.endsAt));
  return (
    <time dateTime={poll.endsAt} title={title}>
      {poll.ended ? t('poll.ended') : t('poll.timeLeft', timeUntil(poll.endsAt, now.value))}
    </time>
  );
}

function Ballot({ post, poll }: { post: Post; poll: Poll }) {
  const name = useId();
  const chosen = useSignal<number[]>([]);
  const busy = useSignal(false);
  const toggle = (place: number, on: boolean) => {
    const others = poll.multiple ? chosen.value.filter((other) => other !== place) : [];
    chosen.value = on ? [...others, place].sort() : others;
  };
  const submit = async () => {
    busy.value = true;
    try {
      patchPost(post.id, { poll: await makeOwnChange(post.id, () => api.vote(post.id, chosen.value)) });
      showToast(t('poll.voted'));
    } catch (error) {
      showError(error);
      await api.post(post.id).then(
        (fresh) => patchPost(post.id, { poll: fresh.poll }),
        () => undefined,
      );
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}>
      <fieldset class="poll-options" disabled={busy.value}>
        <legend class="visually-hidden">{poll.multiple ? t('poll.chooseSeveral') : t('poll.chooseOne')}</legend>
        {poll.options.map((option, place) => (
          <label key={place} class="poll-choice">
            <input
              type={poll.multiple ? 'checkbox' : 'radio'}
              name={name}
              checked={chosen.value.includes(place)}
              onChange={(event) => toggle(place, event.currentTarget.checked)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button button-small" disabled={busy.value || chosen.value.length === 0}>
        {t('poll.vote')}
      </button>
    </form>
  );
}

function Results({ poll }: { poll: Poll }) {
  const most = Math.max(...poll.options.map((option) => option.votes ?? 0));
  return (
    <ul class="poll-options">
      {poll.options.map((option, place) => {
        const votes = option.votes ?? 0;
        const percent = poll.voters ? Math.round((100 * votes) / poll.voters) : 0;
        const mine = poll.choices.includes(place);
        return (
          <li key={place} class={`poll-result ${votes === most && votes > 0 ? 'is-most' : ''}`}>
            <progress max={100} value={percent} aria-label={t('poll.result', option.text, percent, votes)} />
            <span class="poll-result-text" aria-hidden="true">
              {option.text}
            </span>
            {mine && (
              <span class="poll-mine">
                <Icon name="check" size={15} />
                <span class="visually-hidden">{t('poll.yours')}</span>
              </span>
            )}
            <span class="poll-percent" aria-hidden="true">
              {percent}%
            </span>
          </li>
        );
      })}
    </ul>
  );
}
