import { describe, expect, it } from 'vitest';
import { markWords, matchedWords } from '../src/lib/highlight';

describe('highlighted words', () => {
  it('are taken once each, longest first', () => {
    const pieces = [
      { text: '東京', match: true },
      { text: 'と', match: false },
      { text: '東京タワー', match: true },
      { text: '東京', match: true },
    ];
    expect(matchedWords(pieces)).toEqual(['東京タワー', '東京']);
    expect(matchedWords(undefined)).toEqual([]);
  });

  it('are marked everywhere, regardless of case and special characters', () => {
    expect(markWords('C++ and c++!', ['c++'])).toEqual([
      { text: 'C++', match: true },
      { text: ' and ', match: false },
      { text: 'c++', match: true },
      { text: '!', match: false },
    ]);
  });
});
