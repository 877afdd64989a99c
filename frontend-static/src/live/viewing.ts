/** Watching a live stream on this page: sends heartbeats to the API and receives the media. */
import { signal } from '@preact/signals';
import { liveApi } from '../api/live';
import { ApiError } from '../api/problem';
import type { LiveViewing } from '../api/types';
import type { PeerState } from '../calls/peer';
import { newId } from '../lib/id';
import { iceServers } from '../state/call-ice';
import { applyViewers, lives, loadLive } from '../state/lives';
import { Reception } from './reception';

/** The API stops counting a viewer 40 seconds after the last heartbeat. */
const BEAT_MS = 15_000;
/** Delay after a failed heartbeat. */
const AGAIN_MS = 3000;

export class Viewing {
  readonly state = signal<PeerState>('connecting');
  readonly tracks = signal<MediaStreamTrack[]>([]);
  private readonly session = newId();
  private reception: Reception | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  constructor(private readonly id: string) {
    void this.beat();
    addEventListener('pagehide', this.stop);
  }

  readonly stop = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    removeEventListener('pagehide', this.stop);
    clearTimeout(this.timer);
    this.reception?.close();
    this.tracks.value = [];
    liveApi.leave(this.id, this.session);
  };

  private async beat(): Promise<void> {
    try {
      const pass = await liveApi.view(this.id, this.session);
      if (this.isOver) return liveApi.leave(this.id, this.session);
      applyViewers(this.id, pass.viewers);
      await this.admit(pass);
      // The frame that announced it may have been lost.
      const live = lives.peek()[this.id];
      if (live?.state !== 'live' || live.interrupted) this.look();
      this.later(BEAT_MS);
    } catch (error) {
      // The stream has ended, or this person lost access: the page shows that state.
      if (error instanceof ApiError && !error.isTemporary) this.look();
      this.later(AGAIN_MS);
    }
  }

  private async admit(pass: LiveViewing): Promise<void> {
    if (this.reception) return this.reception.admit(pass);
    const servers = await iceServers();
    if (this.isOver) return;
    this.reception = new Reception({
      pass,
      iceServers: servers.iceServers,
      onTracks: (tracks) => (this.tracks.value = tracks),
      onState: (state) => {
        this.state.value = state;
        if (state === 'reconnecting') this.look();
      },
    });
  }

  private later(ms: number): void {
    if (!this.isOver) this.timer = setTimeout(() => void this.beat(), ms);
  }

  private look(): void {
    void loadLive(this.id).catch(() => undefined);
  }
}
