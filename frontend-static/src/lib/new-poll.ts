/** The rules for a new poll. */
import type { NewPoll } from '../api/types';
import { isBlank } from './blank';
import { graphemes } from './entities';

export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 4;
export const MAX_OPTION = 50;
const DAY_SECONDS = 24 * 3600;

export const emptyPoll = (): NewPoll => ({ options: ['', ''], multiple: false, durationSeconds: DAY_SECONDS });

/** Options without empty ones; a poll needs two to four different options. */
export function completePoll(poll: NewPoll): NewPoll | null {
  const options = poll.options.map((option) => option.trim()).filter((option) => !isBlank(option));
  const distinct = new Set(options.map((option) => option.toLowerCase()));
  const fits =
    options.length >= MIN_OPTIONS &&
    options.length <= MAX_OPTIONS &&
    options.every((option) => graphemes(option) <= MAX_OPTION);
  return fits && distinct.size === options.length ? { ...poll, options } : null;
}
