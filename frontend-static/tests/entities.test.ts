import { describe, expect, it } from 'vitest';
import { graphemes, segments, shortLink } from '../src/lib/entities';

const none = { tags: [], mentions: [], links: [] };

describe('segments', () => {
  it('finds the entities from the server in the order of the text', () => {
    const found = segments('見て @hana ！ https://example.jp/a?b=1。 #登山 と #Sky', {
      tags: ['登山', 'sky'],
      mentions: [{ handle: 'hana', userId: 'u1' }],
      links: ['https://example.jp/a?b=1'],
    });
    expect(found.map((piece) => piece.kind)).toEqual(['text', 'mention', 'text', 'link', 'text', 'tag', 'text', 'tag']);
    expect(found.map((piece) => piece.text).join('')).toBe('見て @hana ！ https://example.jp/a?b=1。 #登山 と #Sky');
  });

  it('makes no link without an entity from the server', () => {
    const text = 'javascript:alert(1) https://user:pw@evil.example @nobody #123';
    expect(segments(text, none)).toEqual([{ kind: 'text', text }]);
  });

  it('leaves punctuation after a link out of the link', () => {
    const found = segments('(https://a.example/x).', { ...none, links: ['https://a.example/x'] });
    expect(found).toEqual([
      { kind: 'text', text: '(' },
      { kind: 'link', text: 'https://a.example/x', href: 'https://a.example/x' },
      { kind: 'text', text: ').' },
    ]);
  });

  it('treats full-width forms as the same tag', () => {
    expect(segments('＃Ｔｏｋｙｏ', { ...none, tags: ['tokyo'] })).toEqual([
      { kind: 'tag', text: '＃Ｔｏｋｙｏ', tag: 'tokyo' },
    ]);
  });

  it('finds no tag or mention inside a word or an address', () => {
    const tagged = { ...none, tags: ['b'], mentions: [{ handle: 'bob', userId: 'u' }] };
    expect(segments('a#b mail@bob', tagged)).toEqual([{ kind: 'text', text: 'a#b mail@bob' }]);
  });
});

describe('graphemes', () => {
  it('counts user-perceived characters', () => {
    expect(graphemes('é👩‍👩‍👧か゚a')).toBe(4);
  });
});

describe('shortLink', () => {
  it('drops the scheme and shortens the address', () => {
    expect(shortLink('https://www.example.jp/')).toBe('example.jp');
    expect(shortLink(`https://example.jp/${'a'.repeat(60)}`)).toHaveLength(40);
  });
});
