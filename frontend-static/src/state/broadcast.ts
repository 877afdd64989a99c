/** The live stream that this page sends. It continues while the person visits other pages of the app. */
import { computed, effect, signal } from '@preact/signals';
import { liveApi } from '../api/live';
import { ApiError } from '../api/problem';
import type { Live, LiveAudience, LiveIngest } from '../api/types';
import type { PeerState } from '../calls/peer';
import { newId } from '../lib/id';
import { Publication } from '../live/publication';
import { broadcastMedia, closeBroadcastMedia, tracksOfBroadcast } from './broadcast-media';
import { iceServers } from './call-ice';
import { applyLive, lives, loadLive, loadRunningLives, ownLive } from './lives';
import { hurryWhile } from './realtime';
import { showError } from './toasts';

export interface Broadcast {
  liveId: string;
  state: PeerState;
}

export const broadcast = signal<Broadcast | null>(null);
/** The stream that this page sends, as the server reports it. */
export const broadcastLive = computed(() => (broadcast.value ? (lives.value[broadcast.value.liveId] ?? null) : null));

/** A token is valid for a minute. */
const RENEW_MS = 15_000;
/** Delay after a failed renewal. */
const AGAIN_MS = 3000;

let publication: Publication | null = null;
let renewal: ReturnType<typeof setTimeout> | undefined;
/** Retries of one attempt start only one stream. */
let attempt = newId();

/**
 * Starts a live stream, which waits for media. If the person already has a stream, returns that one.
 *
 * @throws ApiError
 */
export async function createLive(title: string, audience: LiveAudience): Promise<Live & { ingest?: LiveIngest }> {
  try {
    const live = await liveApi.start({ clientLiveId: attempt, title, audience });
    attempt = newId();
    const { ingest: _, ...seen } = live;
    applyLive(seen);
    return live;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    await loadRunningLives();
    const own = ownLive.peek();
    if (!own) throw error;
    return own;
  }
}

/** Sends the tracks of `broadcastMedia`. @throws ApiError */
export async function startBroadcast(liveId: string, given?: LiveIngest): Promise<void> {
  stopSending();
  broadcast.value = { liveId, state: 'connecting' };
  try {
    const [pass, servers] = await Promise.all([given ?? liveApi.ingest(liveId), iceServers()]);
    if (broadcast.peek()?.liveId !== liveId) return;
    publication = new Publication({
      pass,
      iceServers: servers.iceServers,
      sent: () => tracksOfBroadcast(broadcastMedia.peek()),
      onState: (state) => {
        if (broadcast.peek()?.liveId !== liveId) return;
        broadcast.value = { liveId, state };
        // This request makes the server check the media, so that it sees that the stream has begun.
        if (state === 'connected') renewLater(liveId, 0);
      },
    });
    renewLater(liveId, RENEW_MS);
  } catch (error) {
    stopBroadcast();
    throw error;
  }
}

/** A session ends with its token, so it is renewed in time, unless the server has ended the stream. */
function renewLater(liveId: string, ms: number): void {
  clearTimeout(renewal);
  renewal = setTimeout(() => void renewIngest(liveId), ms);
}

async function renewIngest(liveId: string): Promise<void> {
  const mine = publication!;
  let next = RENEW_MS;
  try {
    const pass = await liveApi.ingest(liveId);
    if (mine === publication) await mine.admit(pass);
    // The frame that announced the start may have been lost.
    if (lives.peek()[liveId]?.state !== 'live') await loadLive(liveId);
  } catch (error) {
    next = AGAIN_MS;
    if (error instanceof ApiError && !error.isTemporary) void loadLive(liveId).catch(() => undefined);
  }
  if (mine === publication) renewLater(liveId, next);
}

function stopSending(): void {
  clearTimeout(renewal);
  publication?.close();
  publication = null;
}

/** Stops sending and closes the devices. The stream itself ends by an action of the host, or after a delay. */
export function stopBroadcast(): void {
  if (!broadcast.peek()) return;
  stopSending();
  broadcast.value = null;
  closeBroadcastMedia();
}

export function startBroadcasts(): void {
  effect(() => {
    void broadcastMedia.value;
    publication?.update();
  });
  effect(() => {
    const state = broadcastLive.value?.state;
    if (state === 'ended') stopBroadcast();
  });
  hurryWhile(() => broadcast.peek() !== null);
  addEventListener('pagehide', ({ persisted }) => !persisted && stopBroadcast());
  addEventListener('beforeunload', (event) => {
    if (broadcast.peek()) event.preventDefault();
  });
}

/** @see startBroadcast */
export function resumeBroadcast(liveId: string): void {
  void startBroadcast(liveId).catch(showError);
}
