import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
