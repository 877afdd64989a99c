import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { tokensOf } from '../src/lib/tokenizer';
import groups from './vectors/tokens.json';

interface Group {
  about: string;
  cases: { text: string; tokens: [string, string][] }[];
}

describe.each(groups as unknown as Group[])('$about', ({ cases }) => {
  it.each(cases)('$text', ({ text, tokens }) => {
    expect(tokensOf(text).map(({ kind, value }) => [kind, value])).toEqual(tokens);
  });
});

/** How often the tokenizer runs a pattern. */
function runs(text: string): number {
  const spy = vi.spyOn(RegExp.prototype, 'exec');
  try {
    tokensOf(text);
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}

const hostile = [
  'https://a.example/(',
  'https://a.example/',
  'https://a.example/[(',
  'https://a.example/()',
  'https://a@',
  '@abc ',
  'é@abc.',
  '#a ',
];
it.each(hostile)('takes about four times the work, not 16 times, for four times the text: %s', (part) => {
  expect(runs(part.repeat(400))).toBeLessThan(5 * runs(part.repeat(100)));
});

it('tells in time what lies before each of many mentions, and how a long host ends', () => {
  // A pattern that reads the text again for each of them would take minutes.
  expect(tokensOf('東@abc '.repeat(100_000))).toHaveLength(100_000);
  expect(tokensOf(`https://a${'_'.repeat(300_000)}b日`)).toEqual([]);
});

/** Random texts with the server's tokens (tests/unit/common/test_tokenizer.py). */
const corpus = process.env.TOKENIZER_CORPUS;
it.runIf(corpus)('finds the same tokens as the server in random texts', () => {
  for (const { text, tokens } of JSON.parse(readFileSync(corpus ?? '', 'utf8'))) {
    expect(
      tokensOf(text).map(({ start, end, kind, value }) => [start, end, kind, value]),
      JSON.stringify(text),
    ).toEqual(tokens);
  }
});
