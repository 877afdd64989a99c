import { expect, test } from 'vitest';
import { newTrace } from '../src/lib/trace';

test('a trace header has the format of X-Ray, with the time in its root', () => {
  expect(newTrace(1_700_000_000_000)).toMatch(/^Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16}$/);
  expect(newTrace()).not.toBe(newTrace());
});
