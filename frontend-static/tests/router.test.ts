import { describe, expect, it } from 'vitest';
import { BOXES } from '../src/architecture/boxes';
import { roundedPath } from '../src/architecture/line';
import { LINES } from '../src/architecture/lines';
import { GROUPS } from '../src/architecture/model';
import { matchRoute, nextPath } from '../src/router';

describe('matchRoute', () => {
  it('finds pages and their parameters', () => {
    expect(matchRoute('/')).toMatchObject({ name: 'home' });
    expect(matchRoute('/@hana')).toMatchObject({ name: 'profile', params: { handle: 'hana' } });
    expect(matchRoute('/users/u1')).toMatchObject({ name: 'person', params: { id: 'u1' } });
    expect(matchRoute('/@hana/followers')).toMatchObject({ name: 'followers', params: { handle: 'hana' } });
    expect(matchRoute('/tags/%E7%99%BB%E5%B1%B1')).toMatchObject({ name: 'tag', params: { tag: '登山' } });
    expect(matchRoute('/search', 'q=a+b').query.get('q')).toBe('a b');
  });

  it('handles broken escapes and unknown addresses', () => {
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

  it('stays on this site for every spelling of an address', () => {
    const seps = ['', '/', '\\', '\t', '\n', '\r', '.', '..', '@', ':', '%2f', '%5c', ' ', '\u0000', '\u3002', 'http:'];
    for (const one of seps)
      for (const two of seps)
        for (const three of seps) {
          const address = `/${one}${two}${three}/evil.example/x`;
          const path = nextPath(matchRoute('/sign-in', `next=${encodeURIComponent(address)}`));
          expect(path, address).toMatch(/^\/(?![/\\])/);
          expect(new URL(path, location.origin).origin, address).toBe(location.origin);
        }
  });
});

describe('the lines of the diagram', () => {
  it('connect only boxes and groups that are drawn', () => {
    const known = new Set([...BOXES, ...GROUPS].map((item) => item.id));
    for (const arrow of LINES)
      expect([known.has(arrow.from), known.has(arrow.to)], `${arrow.from} → ${arrow.to}`).toEqual([true, true]);
  });

  it('have rounded corners', () => {
    expect(
      roundedPath([
        [0, 0],
        [100, 0],
        [100, 50],
      ]),
    ).toBe('M0 0 L88 0 Q100 0 100 12 L100 50');
  });
});
