import { useLayoutEffect, useRef } from 'preact/hooks';
import { openOverlay } from './overlays';

/** Back closes the overlay while `isOpen`. `close` returns false when the overlay stays open to ask something first. */
export function useBack(close: () => boolean | void, isOpen = true): void {
  const latest = useRef(close);
  latest.current = close;
  // In a layout effect: an overlay that replaces a closing one opens in the same commit.
  useLayoutEffect(() => (isOpen ? openOverlay({ close: () => latest.current() }) : undefined), [isOpen]);
}

/**
 * Whether menus take part too (phones): elsewhere a click or Escape closes them, and an entry would discard the forward
 * history.
 */
export function isPhone(): boolean {
  return matchMedia('(max-width: 700px), (hover: none)').matches;
}
