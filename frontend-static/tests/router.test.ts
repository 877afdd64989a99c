import { describe, expect, it } from 'vitest';
import { ARROWS } from '../src/architecture/arrows';
import { BOXES } from '../src/architecture/boxes';
import { roundedPath } from '../src/architecture/line';
import { GROUPS } from '../src/architecture/model';
import { matchRoute, nextPath } from '../src/router';

describe('matchRoute', () => {
  it('finds pages and their parameters', () => {
    expect(matchRoute('/')).toMatchObject({ name: 'home' });
    expect(matchRoute('/@hana')).toMatchObject({ name: 'profile', params: { handle: 'hana' } });
    expect(matchRoute('/@hana/followers')).toMatchObject({ name: 'followers', params: { handle: 'hana' } });
    expect(matchRoute('/tags/%E7%99%BB%E5%B1%B1')).toMatchObject({ name: 'tag', params: { tag: '登山' } });
    expect(matchRoute('/search', 'q=a+b').query.get('q')).toBe('a b');
  });

  it('survives broken escapes and unknown addresses', () => {
    expect(matchRoute('/tags/%E0%A4%A')).toMatchObject({ name: 'tag' });
    expect(matchRoute('/nowhere/at/all')).toMatchObject({ name: 'not-found' });
  });
});

describe('nextPath', () => {
  it('stays on this site', () => {
    expect(nextPath(matchRoute('/sign-in', 'next=/posts/1?x=2'))).toBe('/posts/1?x=2');
    for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      expect(nextPath(matchRoute('/sign-in', `next=${encodeURIComponent(evil)}`)), evil).toBe('/');
    }
  });
});

describe('diagram', () => {
  it('connects only what is drawn', () => {
    const known = new Set([...BOXES, ...GROUPS].map((item) => item.id));
    for (const arrow of ARROWS)
      expect([known.has(arrow.from), known.has(arrow.to)], `${arrow.from} → ${arrow.to}`).toEqual([true, true]);
  });

  it('rounds the corners of a line', () => {
    expect(
      roundedPath([
        [0, 0],
        [100, 0],
        [100, 50],
      ]),
    ).toBe('M0 0 L88 0 Q100 0 100 12 L100 50');
  });
});
