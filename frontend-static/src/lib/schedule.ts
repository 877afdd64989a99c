/** The allowed publication times of a scheduled post, and their form representation. */
const LEAST_AHEAD = 60_000;
const MOST_AHEAD = 180 * 24 * 3600_000;

/** A time in the format of `<input type="datetime-local">`: in the reader's zone, to the minute. */
export function toLocalInput(moment: number): string {
  const date = new Date(moment);
  return new Date(moment - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Whether the server accepts the time; half a minute is reserved for the request. */
export function isSchedulable(value: string, now = Date.now()): boolean {
  const ahead = new Date(value).getTime() - now;
  return ahead >= LEAST_AHEAD + 5_000 && ahead <= MOST_AHEAD;
}
