/** The average loudness of received audio since the last reading: a single packet would miss the time in between. */

interface Heard {
  type: string;
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
}

export class Loudness {
  private readonly before = new WeakMap<RTCRtpReceiver, { energy: number; seconds: number }>();

  /** From 0 to 1: the root mean square since the last reading (W3C webrtc-stats, "totalAudioEnergy"). */
  async of(receiver: RTCRtpReceiver | undefined): Promise<number> {
    if (!receiver) return 0;
    const report = (await receiver.getStats()) as ReadonlyMap<string, Heard>;
    const heard = [...report.values()].find(({ type }) => type === 'inbound-rtp');
    const now = { energy: heard?.totalAudioEnergy ?? 0, seconds: heard?.totalSamplesDuration ?? 0 };
    const before = this.before.get(receiver) ?? { energy: 0, seconds: 0 };
    this.before.set(receiver, now);
    const seconds = now.seconds - before.seconds;
    return seconds > 0 ? Math.sqrt(Math.max(0, now.energy - before.energy) / seconds) : 0;
  }
}
