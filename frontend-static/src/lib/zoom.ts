/** Where a photo lies on the screen: how much larger than it fits, and how far it was moved. */
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

/** Larger or smaller by `factor`, with what lies under `at` staying there. `at` counts from the middle of the photo. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  if (scale === 1) return WHOLE;
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

/** A double tap: larger around that place, or whole again. */
export function toggled(view: View, at: Point): View {
  return view.scale > 1 ? WHOLE : zoomed(WHOLE, DOUBLE_TAP, at);
}

/** Moved, but never so far that the photo's edge leaves the middle of the screen free. */
export function moved(view: View, by: Point, size: { width: number; height: number }): View {
  const limit = (value: number, length: number) => {
    const most = (length * (view.scale - 1)) / 2;
    return Math.min(most, Math.max(-most, value));
  };
  return { ...view, x: limit(view.x + by.x, size.width), y: limit(view.y + by.y, size.height) };
}

/** Two fingers: the middle between them, and how far they are apart. */
export function pinchOf([one, two]: [Point, Point]): Point & { apart: number } {
  return { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2, apart: Math.hypot(one.x - two.x, one.y - two.y) };
}

export type Swipe = 'next' | 'previous' | 'close' | null;
const FAR_PX = 60;
const QUICK_PX = 24;
const QUICK_MS = 250;

/** What a finger's way over a whole photo means: sideways another photo, downwards the end. */
export function swipeOf({ x, y }: Point, ms: number): Swipe {
  const far = ms < QUICK_MS ? QUICK_PX : FAR_PX;
  if (Math.abs(x) > Math.abs(y)) return x < -far ? 'next' : x > far ? 'previous' : null;
  return y > far ? 'close' : null;
}
