/** A call's ICE servers, renewed during the call. */
import { api } from '../api';
import type { IceServers } from '../api/types';
import { subject } from '../auth/session';

/** Credentials are renewed when this share of their lifetime is left, so that a delay does not let them expire. */
const LEFT = 0.25;
const LEAST_MS = 10_000;
/** A further call within this time uses the same servers without waiting. */
const KEPT_MS = 5 * 60_000;

let kept: { by: string | null; until: number; servers: IceServers } | null = null;

/** Empty if the servers are unavailable: the call then connects directly or not at all. */
export async function fetchIceServers(): Promise<IceServers> {
  const by = subject.peek();
  try {
    const servers = await api.iceServers();
    const left = servers.expiresAt ? (Date.parse(servers.expiresAt) - Date.now()) * (1 - LEFT) : KEPT_MS;
    kept = { by, until: Date.now() + Math.min(KEPT_MS, left), servers };
    return servers;
  } catch {
    return { iceServers: [], expiresAt: null };
  }
}

/** For the next call of this page: the servers received a few minutes ago, or new ones. */
export async function iceServers(): Promise<IceServers> {
  return kept && kept.by === subject.peek() && Date.now() < kept.until ? kept.servers : fetchIceServers();
}

/**
 * A TURN server checks credentials when a relay is created; existing relays continue. An ICE restart in a long call
 * therefore needs new credentials, which the connection gets before the old ones expire (W3C webrtc-pc, "set a
 * configuration").
 */
export function renewIceServers(connection: RTCPeerConnection, { expiresAt }: IceServers): void {
  if (!expiresAt) return;
  const left = Date.parse(expiresAt) - Date.now();
  const renew = async () => {
    if (isClosed(connection)) return;
    const found = await fetchIceServers();
    if (isClosed(connection)) return;
    if (found.expiresAt)
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers: found.iceServers });
    // After a failure, the request is repeated soon.
    renewIceServers(connection, found.expiresAt ? found : { iceServers: [], expiresAt });
  };
  setTimeout(() => void renew(), Math.max(LEAST_MS, left * (1 - LEFT)));
}

function isClosed(connection: RTCPeerConnection): boolean {
  return connection.signalingState === 'closed';
}
