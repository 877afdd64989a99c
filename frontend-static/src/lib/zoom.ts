/** The position of a photo on the screen: its scale relative to the fitted size, and its offset. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

interface Point {
  x: number;
  y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
const LARGEST = 6;
const DOUBLE_TAP = 2.5;

/** Scales by `factor`, keeping the point at `at` in place. `at` is relative to the centre of the photo. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  if (scale === 1) return WHOLE;
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

/** A double tap: zooms in at that point, or back out. */
export function toggled(view: View, at: Point): View {
  return view.scale > 1 ? WHOLE : zoomed(WHOLE, DOUBLE_TAP, at);
}

/** Moves the photo; its edges stay outside the area of the unzoomed photo. */
export function moved(view: View, by: Point, size: { width: number; height: number }): View {
  const limit = (value: number, length: number) => {
    const most = (length * (view.scale - 1)) / 2;
    return Math.min(most, Math.max(-most, value));
  };
  return { ...view, x: limit(view.x + by.x, size.width), y: limit(view.y + by.y, size.height) };
}

/** Two fingers: their midpoint and distance. */
export function pinchOf([one, two]: [Point, Point]): Point & { apart: number } {
  return { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2, apart: Math.hypot(one.x - two.x, one.y - two.y) };
}

export type Swipe = 'next' | 'previous' | 'close' | null;
const FAR_PX = 60;
const QUICK_PX = 24;
const QUICK_MS = 250;

/** The meaning of a swipe over an unzoomed photo: sideways changes the photo, downwards closes. */
export function swipeOf({ x, y }: Point, ms: number): Swipe {
  const far = ms < QUICK_MS ? QUICK_PX : FAR_PX;
  if (Math.abs(x) > Math.abs(y)) return x < -far ? 'next' : x > far ? 'previous' : null;
  return y > far ? 'close' : null;
}
