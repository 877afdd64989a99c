/** When a post may be published later, and how a form writes it. */
const LEAST_AHEAD = 60_000;
const MOST_AHEAD = 180 * 24 * 3600_000;

/** A moment as `<input type="datetime-local">` writes it: in the reader's zone, to the minute. */
export function toLocalInput(moment: number): string {
  const date = new Date(moment);
  return new Date(moment - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Whether the server takes that time; half a minute is left for the way there. */
export function isSchedulable(value: string, now = Date.now()): boolean {
  const ahead = new Date(value).getTime() - now;
  return ahead >= LEAST_AHEAD + 5_000 && ahead <= MOST_AHEAD;
}
