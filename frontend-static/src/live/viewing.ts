/** This page watches a live stream: it says so again and again, and receives what the media server sends. */
import { signal } from '@preact/signals';
import { liveApi } from '../api/live';
import { ApiError } from '../api/problem';
import type { LiveViewing } from '../api/types';
import type { PeerState } from '../calls/peer';
import { newId } from '../lib/id';
import { iceServers } from '../state/call-ice';
import { applyViewers, lives, loadLive } from '../state/lives';
import { Reception } from './reception';

/** A viewer who is not heard of for 40 seconds is not counted. */
const BEAT_MS = 15_000;
/** After a beat that did not arrive. */
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
      // A frame that said so may have been lost.
      const live = lives.peek()[this.id];
      if (live?.state !== 'live' || live.interrupted) this.look();
      this.later(BEAT_MS);
    } catch (error) {
      // It has ended, or is no longer for this person: what is shown then says so.
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
