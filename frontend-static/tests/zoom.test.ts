import { describe, expect, it } from 'vitest';
import { moved, pinchOf, swipeOf, toggled, WHOLE, zoomed } from '../src/lib/zoom';

describe('zooming', () => {
  it('keeps the point under the fingers in place', () => {
    const at = { x: 40, y: -30 };
    const view = zoomed(zoomed(WHOLE, 2, at), 1.5, at);
    expect(view.scale).toBe(3);
    // A point p of the photo is shown at view + scale * p.
    const point = { x: at.x / 1, y: at.y / 1 };
    expect(view.x + view.scale * point.x).toBeCloseTo(at.x);
    expect(view.y + view.scale * point.y).toBeCloseTo(at.y);
  });

  it('stays between the whole photo and six times its size', () => {
    expect(zoomed(WHOLE, 0.2, { x: 9, y: 9 })).toEqual(WHOLE);
    expect(zoomed(WHOLE, 100, { x: 0, y: 0 }).scale).toBe(6);
  });

  it('toggles on a double tap', () => {
    const near = toggled(WHOLE, { x: 10, y: 0 });
    expect(near.scale).toBeGreaterThan(1);
    expect(toggled(near, { x: 0, y: 0 })).toEqual(WHOLE);
  });

  it('moves a photo no further than its edge', () => {
    const view = { scale: 2, x: 0, y: 0 };
    expect(moved(view, { x: 1000, y: -5 }, { width: 200, height: 100 })).toEqual({ scale: 2, x: 100, y: -5 });
  });

  it('measures the centre and distance of two fingers', () => {
    expect(
      pinchOf([
        { x: 0, y: 0 },
        { x: 6, y: 8 },
      ]),
    ).toEqual({ x: 3, y: 4, apart: 10 });
  });
});

describe('swipes', () => {
  it.each([
    [{ x: -80, y: 10 }, 400, 'next'],
    [{ x: 80, y: 10 }, 400, 'previous'],
    [{ x: -30, y: 2 }, 100, 'next'],
    [{ x: -30, y: 2 }, 600, null],
    [{ x: 5, y: 90 }, 400, 'close'],
    [{ x: 5, y: -90 }, 400, null],
  ] as const)('%o within %i ms is %s', (way, ms, expected) => {
    expect(swipeOf(way, ms)).toBe(expected);
  });
});
