/** Delays between connection attempts. */

export const BASE_MS = 500;
export const CAP_MS = 30_000;

/** Full jitter: a random delay between 0 and the attempt's cap, so that clients don't reconnect in step. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
}

/** API Gateway closes a WebSocket after 2 h, so the client reconnects after 100 to 115 minutes. */
export function plannedReconnectMs(random: () => number = Math.random): number {
  return (100 + random() * 15) * 60_000;
}
