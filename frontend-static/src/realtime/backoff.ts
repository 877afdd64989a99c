/** Waiting times between connection attempts. */

export const BASE_MS = 500;
export const CAP_MS = 30_000;

/** Full jitter: anywhere between 0 and the cap of this attempt, so that clients don't return in step. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
}

/** API Gateway cuts a WebSocket after 2 h: leave between 100 and 115 minutes. */
export function plannedReconnectMs(random: () => number = Math.random): number {
  return (100 + random() * 15) * 60_000;
}
