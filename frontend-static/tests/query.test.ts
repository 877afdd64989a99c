import { describe, expect, it, test } from 'vitest';
import {
  countFilters,
  isFacetOn,
  NO_FILTERS,
  readFilters,
  toggleFacet,
  unknownOperators,
  writeFilters,
} from '../src/lib/query';

describe('search filters', () => {
  it('read every operator that has a control', () => {
    const q =
      '海 散歩 "good morning" #旅行 from:hana has:photo has:link is:reply ' +
      'since:2026-01-01 until:2026-02-01 lang:ja -雨 -snow';
    const filters = readFilters(q);
    expect(filters).toEqual({
      words: '海 散歩',
      phrase: 'good morning',
      tag: '旅行',
      from: 'hana',
      has: ['photo', 'link'],
      is: 'reply',
      since: '2026-01-01',
      until: '2026-02-01',
      lang: 'ja',
      without: '雨 snow',
    });
    expect(writeFilters(filters)).toBe(q);
    expect(countFilters(filters)).toBe(10);
  });

  it('keep text without a control as it was typed', () => {
    for (const q of [
      '猫 OR 犬',
      'from:a OR from:b',
      'to:bob',
      '-"buy now"',
      '-#ad',
      '-has:video',
      'has:media',
      'since:2026-01-01T00:00:00Z',
      're:invent',
      'x OR',
      '-',
    ]) {
      expect(readFilters(q)).toEqual({ ...NO_FILTERS, words: q });
      expect(writeFilters(readFilters(q))).toBe(q);
    }
    expect(readFilters('from:a from:b')).toMatchObject({ from: 'a', words: 'from:b' });
  });

  it('read full-width characters', () => {
    expect(readFilters('＃海\u3000from：@Hana　－雨')).toMatchObject({
      tag: '海',
      from: 'hana',
      without: '雨',
      words: '',
    });
  });

  it('write the text of each field as clauses of the query', () => {
    expect(writeFilters({ ...NO_FILTERS, phrase: ' say "hi" ', from: ' @hana ', tag: '#a b', without: '-x  y' })).toBe(
      '"say hi" #ab from:hana -x -y',
    );
    expect(writeFilters(NO_FILTERS)).toBe('');
  });

  it('turn facets on and off', () => {
    const on = toggleFacet(toggleFacet(toggleFacet(readFilters('海'), 'has', 'photo'), 'tags', '旅'), 'lang', 'ja');
    expect(writeFilters(on)).toBe('海 #旅 has:photo lang:ja');
    expect(isFacetOn(on, 'has', 'photo')).toBe(true);
    expect(writeFilters(toggleFacet(toggleFacet(on, 'has', 'photo'), 'lang', 'ja'))).toBe('海 #旅');
  });
});

test.each([
  ['form:alice cat', ['form']],
  ['cat -Author:bob', ['author']],
  ['from:alice since:2026-01-31', []],
  ['https://example.com 12:30 re: x', []],
])('the unknown operators of "%s"', (q, found) => {
  expect(unknownOperators(q)).toEqual(found);
});
