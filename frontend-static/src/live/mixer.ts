/** Mixes the audio of the microphone and a shared screen, because a live stream has one audio track. */
export class Mixer {
  private context: AudioContext | null = null;
  private mixed: { of: MediaStreamTrack[]; track: MediaStreamTrack } | null = null;

  /** The track to send: null if there is none, a single track unchanged. */
  mix(tracks: MediaStreamTrack[]): MediaStreamTrack | null {
    if (tracks.length < 2) {
      this.close();
      return tracks[0] ?? null;
    }
    const isSame = this.mixed?.of.length === tracks.length && this.mixed.of.every((one, at) => one === tracks[at]);
    if (!this.mixed || !isSame) {
      this.close();
      this.mixed = { of: tracks, track: this.join(tracks) };
    }
    return this.mixed.track;
  }

  close(): void {
    this.mixed?.track.stop();
    this.mixed = null;
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private join(tracks: MediaStreamTrack[]): MediaStreamTrack {
    this.context = new AudioContext();
    const out = this.context.createMediaStreamDestination();
    for (const track of tracks) this.context.createMediaStreamSource(new MediaStream([track])).connect(out);
    return out.stream.getAudioTracks()[0]!;
  }
}
