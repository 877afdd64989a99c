/** The loudness of a microphone, for a level meter. */

/** Levels below this count as silence, in decibels relative to full scale (0). */
const SILENCE_DB = -60;

/** From silence (0) to full scale (1): the root mean square of one block of samples. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < samples.length; at += 1) sum += samples[at]! ** 2;
  if (sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - decibels / SILENCE_DB));
}

/** Reads a track's level on request; `close` frees the audio graph and leaves the track open. */
export interface Meter {
  read: () => number;
  close: () => void;
}

export function measure(track: MediaStreamTrack): Meter {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  void context.resume();
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples);
      return levelOf(samples);
    },
    close: () => void context.close(),
  };
}
