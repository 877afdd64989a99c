import type { NewPoll } from '../../api/types';
import { t } from '../../i18n';
import { graphemes } from '../../lib/entities';
import { MAX_OPTION, MAX_OPTIONS, MIN_OPTIONS } from '../../lib/new-poll';
import { Icon } from '../icon';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DURATIONS: readonly (readonly [number, () => string])[] = [
  [5 * MINUTE, () => t('duration.minutes', 5)],
  [30 * MINUTE, () => t('duration.minutes', 30)],
  [HOUR, () => t('duration.hours', 1)],
  [6 * HOUR, () => t('duration.hours', 6)],
  [12 * HOUR, () => t('duration.hours', 12)],
  [DAY, () => t('duration.days', 1)],
  [3 * DAY, () => t('duration.days', 3)],
  [7 * DAY, () => t('duration.days', 7)],
];

interface Props {
  poll: NewPoll;
  change: (poll: NewPoll) => void;
  remove: () => void;
  disabled: boolean;
}

/** Options, duration and kind of a new poll. */
export function PollEditor({ poll, change, remove, disabled }: Props) {
  const setOption = (place: number, text: string) =>
    change({ ...poll, options: poll.options.map((old, n) => (n === place ? text : old)) });
  return (
    <fieldset class="poll-editor" disabled={disabled}>
      <legend class="visually-hidden">{t('poll.legend')}</legend>
      {poll.options.map((option, place) => (
        <div key={place} class="poll-editor-row">
          <input
            class={`input input-small ${graphemes(option) > MAX_OPTION ? 'is-invalid' : ''}`}
            type="text"
            value={option}
            maxLength={MAX_OPTION * 8}
            placeholder={t('poll.option', place + 1)}
            aria-label={t('poll.option', place + 1)}
            aria-invalid={graphemes(option) > MAX_OPTION || undefined}
            onInput={(event) => setOption(place, event.currentTarget.value)}
          />
          {poll.options.length > MIN_OPTIONS && (
            <button
              type="button"
              class="icon-button"
              aria-label={t('poll.removeOption', place + 1)}
              onClick={() => change({ ...poll, options: poll.options.filter((_, n) => n !== place) })}>
              <Icon name="close" size={18} />
            </button>
          )}
        </div>
      ))}
      <div class="poll-editor-foot">
        {poll.options.length < MAX_OPTIONS && (
          <button type="button" class="link-button" onClick={() => change({ ...poll, options: [...poll.options, ''] })}>
            {t('poll.addOption')}
          </button>
        )}
        <label class="poll-editor-field">
          {t('poll.duration')}
          <select
            class="select-quiet"
            value={String(poll.durationSeconds)}
            onChange={(event) => change({ ...poll, durationSeconds: Number(event.currentTarget.value) })}>
            {DURATIONS.map(([seconds, label]) => (
              <option key={seconds} value={String(seconds)}>
                {label()}
              </option>
            ))}
          </select>
        </label>
        <label class="poll-editor-field">
          <input
            type="checkbox"
            checked={poll.multiple}
            onChange={(event) => change({ ...poll, multiple: event.currentTarget.checked })}
          />
          {t('poll.multiple')}
        </label>
        <span class="spacer" />
        <button
          type="button"
          class="icon-button"
          aria-label={t('poll.remove')}
          title={t('poll.remove')}
          onClick={remove}>
          <Icon name="trash" size={18} />
        </button>
      </div>
    </fieldset>
  );
}
