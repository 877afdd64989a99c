/** How loud a microphone is, for a level meter. */

/** Quieter counts as silence; 0 is the loudest that a microphone can send (decibels relative to full scale). */
const SILENCE_DB = -60;

/** From silence (0) to full scale (1), by the root mean square of one block of samples. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < samples.length; at += 1) sum += samples[at]! ** 2;
  if (sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - decibels / SILENCE_DB));
}

/** A track's level, as often as it is asked for; `close` frees the audio graph and leaves the track as it is. */
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
