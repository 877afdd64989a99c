/** The sounds of calls, synthesized with Web Audio: no files to load before the first ring. */
export type Tone = 'ring' | 'ringback' | 'connected' | 'ended';

interface Pattern {
  /** Frequencies in hertz that sound together, start and duration in seconds. */
  notes: readonly { hertz: readonly number[]; at: number; lasts: number }[];
  volume: number;
  /** Repetition period in seconds; without it, the tone plays once. */
  every?: number;
  /** Milliseconds of vibration and pause (W3C vibration). */
  vibration?: readonly number[];
}

/** Callers hear Japan's ring-back tone: 400 Hz, one second on, two off (ITU-T E.180, supplement 2). */
const PATTERNS: Record<Tone, Pattern> = {
  ring: {
    notes: [659, 784, 988, 784].map((hertz, index) => ({ hertz: [hertz, hertz / 2], at: index * 0.19, lasts: 0.17 })),
    volume: 0.16,
    every: 2.2,
    vibration: [380, 160, 380],
  },
  ringback: { notes: [{ hertz: [400], at: 0, lasts: 1 }], volume: 0.07, every: 3 },
  connected: {
    notes: [523, 784].map((hertz, index) => ({ hertz: [hertz], at: index * 0.12, lasts: 0.1 })),
    volume: 0.09,
  },
  ended: {
    notes: [523, 392].map((hertz, index) => ({ hertz: [hertz], at: index * 0.14, lasts: 0.12 })),
    volume: 0.09,
  },
};
const FADE_SECONDS = 0.02;

let context: AudioContext | null = null;

/**
 * Plays until the returned function is called. A browser may mute the page until the first click in it.
 *
 * @param speaker a device id; the system's default if the browser can't choose (W3C audio-output) or the device is gone
 */
export function play(tone: Tone, speaker = ''): () => void {
  if (typeof AudioContext === 'undefined') return () => undefined;
  context ??= new AudioContext();
  chooseOutput(context, speaker);
  const pattern = PATTERNS[tone];
  const output = context.createGain();
  output.connect(context.destination);
  const once = () => void sound(context!, output, pattern);
  once();
  const timer = pattern.every && setInterval(once, pattern.every * 1000);
  return () => {
    clearInterval(timer);
    output.disconnect();
    if (pattern.vibration) navigator.vibrate?.(0);
  };
}

/** TypeScript's own types lack it so far. */
type ChoosesOutput = AudioContext & { sinkId?: string; setSinkId?: (id: string) => Promise<void> };

function chooseOutput(audio: ChoosesOutput, speaker: string): void {
  if ((audio.sinkId ?? '') !== speaker) void audio.setSinkId?.(speaker).catch(() => undefined);
}

async function sound(audio: AudioContext, output: AudioNode, { notes, volume, vibration }: Pattern): Promise<void> {
  if (vibration) navigator.vibrate?.([...vibration]);
  if (audio.state !== 'running') await Promise.race([audio.resume(), new Promise((late) => setTimeout(late, 200))]);
  // The clock of a blocked context does not advance: later, all its notes would sound at once.
  if (audio.state !== 'running') return;
  for (const { hertz, at, lasts } of notes) {
    const [from, to] = [audio.currentTime + at, audio.currentTime + at + lasts];
    const gain = audio.createGain();
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume, from + FADE_SECONDS);
    gain.gain.setValueAtTime(volume, to - FADE_SECONDS);
    gain.gain.linearRampToValueAtTime(0, to);
    gain.connect(output);
    for (const frequency of hertz) {
      const oscillator = new OscillatorNode(audio, { frequency });
      oscillator.connect(gain);
      oscillator.start(from);
      oscillator.stop(to);
    }
  }
}
