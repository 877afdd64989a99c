import { useId } from 'preact/hooks';
import { t } from '../../i18n';
import { isSchedulable, toLocalInput } from '../../lib/schedule';
import { Icon } from '../icon';

interface Props {
  /** The value of an `<input type="datetime-local">`: without a zone, so in the reader's. */
  value: string;
  change: (value: string) => void;
  clear: () => void;
  disabled: boolean;
}

const DAY = 24 * 3600_000;

/** Selects the publication time of a post. */
export function SchedulePicker({ value, change, clear, disabled }: Props) {
  const id = useId();
  const wrong = !isSchedulable(value);
  return (
    <div class={`schedule-picker ${wrong ? 'has-error' : ''}`}>
      <label for={id}>
        <Icon name="clock" size={18} /> {t('schedule.when')}
      </label>
      <input
        id={id}
        class="input input-small"
        type="datetime-local"
        value={value}
        disabled={disabled}
        required
        aria-describedby={`${id}-hint`}
        aria-invalid={wrong || undefined}
        min={toLocalInput(Date.now() + 60_000)}
        max={toLocalInput(Date.now() + 180 * DAY)}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <button
        type="button"
        class="icon-button"
        aria-label={t('schedule.clear')}
        title={t('schedule.clear')}
        disabled={disabled}
        onClick={clear}>
        <Icon name="close" size={18} />
      </button>
      <p id={`${id}-hint`} class={wrong ? 'field-error' : 'field-hint'}>
        {wrong ? t('schedule.whenInvalid') : t('schedule.whenHint')}
      </p>
    </div>
  );
}
