import { expect, test } from 'vitest';
import { isBlank } from '../src/lib/blank';
import { entitiesOfBio, segments } from '../src/lib/entities';
import { completePoll, emptyPoll } from '../src/lib/new-poll';
import vectors from './vectors/blank.json';

test.each(vectors as [string, boolean][])('%j is blank: %s', (text, blank) => expect(isBlank(text)).toBe(blank));

test('a poll ignores blank options and needs two others', () => {
  expect(completePoll({ ...emptyPoll(), options: ['a', '\u3164'] })).toBeNull();
  expect(completePoll({ ...emptyPoll(), options: ['a', 'b', '\u200b'] })?.options).toEqual(['a', 'b']);
});

test('a bio has links and tags', () => {
  const bio = 'I am #旅行 at https://example.com, ask @bob';
  expect(segments(bio, entitiesOfBio(bio, [])).map(({ kind }) => kind)).toEqual([
    'text',
    'tag',
    'text',
    'link',
    'text',
  ]);
});
