import { expect, it } from 'vitest';
import { levelOf } from '../src/calls/level';

const tone = (amplitude: number) => Array.from({ length: 1024 }, (_, at) => amplitude * Math.sin(at / 4));

it.each([
  ['silence', 0, 0, 0],
  ['noise below -60 dB', 0.0005, 0, 0],
  ['speech at about -30 dB', 0.045, 0.45, 0.55],
  ['full scale', 1, 0.9, 1],
])('the level of %s lies between %f and %f', (_, amplitude, least, most) => {
  expect(levelOf(tone(amplitude))).toBeGreaterThanOrEqual(least);
  expect(levelOf(tone(amplitude))).toBeLessThanOrEqual(most);
});
