import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { api } from '../api';
import type { Poll } from '../api/life';
import type { Post } from '../api/types';
import { profile } from '../auth/session';
import { t } from '../i18n';
import { fullTime } from '../lib/time';
import { patchPost } from '../state/posts';
import { toast, toastError } from '../state/toasts';
import { Icon } from './icon';

/** A post's poll: a ballot for who has not voted, results for everybody else. */
export function PollBox({ post }: { post: Post }) {
  const poll = post.poll;
  const endsAt = poll?.endsAt;
  // When the time comes while the post is on screen, the results that everybody may see then are fetched.
  useEffect(() => {
    if (!endsAt || poll.ended) return undefined;
    const left = new Date(endsAt).getTime() - Date.now();
    if (left > 2 ** 31 - 1) return undefined;
    const timer = setTimeout(() => void api.post(post.id).then((fresh) => patchPost(post.id, { poll: fresh.poll }), () => undefined), Math.max(0, left) + 500);
    return () => clearTimeout(timer);
  }, [post.id, endsAt, poll?.ended]);
  if (!poll) return null;
  const isOwn = profile.value?.id === post.author.id;
  const open = !poll.ended && poll.choices.length === 0 && !isOwn && profile.value !== null;
  return (
    <section class="poll" aria-label={t('poll.legend')} data-state={poll.ended ? 'ended' : open ? 'open' : 'results'}>
      {open ? <Ballot post={post} poll={poll} /> : <Results poll={poll} />}
      <p class="poll-foot muted">
        {t('poll.voters', poll.voters)} · {poll.ended ? t('poll.ended') : t('poll.ends', fullTime(poll.endsAt))}
      </p>
    </section>
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
      patchPost(post.id, { poll: await api.vote(post.id, chosen.value) });
      toast(t('poll.voted'));
    } catch (error) {
      toastError(error);
      await api.post(post.id).then((fresh) => patchPost(post.id, { poll: fresh.poll }), () => undefined);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <fieldset class="poll-options" disabled={busy.value}>
        <legend class="visually-hidden">{poll.multiple ? t('poll.chooseSeveral') : t('poll.chooseOne')}</legend>
        {poll.options.map((option, place) => (
          <label key={place} class="poll-choice">
            <input type={poll.multiple ? 'checkbox' : 'radio'} name={name} checked={chosen.value.includes(place)}
              onChange={(event) => toggle(place, event.currentTarget.checked)} />
            <span>{option.text}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button button-small" disabled={busy.value || chosen.value.length === 0}>{t('poll.vote')}</button>
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
            <span class="poll-result-text" aria-hidden="true">{option.text}</span>
            {mine && <span class="poll-mine"><Icon name="check" size={15} /><span class="visually-hidden">{t('poll.yours')}</span></span>}
            <span class="poll-percent" aria-hidden="true">{percent} %</span>
          </li>
        );
      })}
    </ul>
  );
}
