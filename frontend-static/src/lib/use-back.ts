import { useLayoutEffect, useRef } from 'preact/hooks';
import { openOverlay } from './overlays';

/** Back closes what lies over the page while `isOpen`. `close` answers false when it stays, to ask something first. */
export function useBack(close: () => boolean | void, isOpen = true): void {
  const latest = useRef(close);
  latest.current = close;
  // With what it closes, not after it was painted: what takes over from it opens in the same moment.
  useLayoutEffect(() => (isOpen ? openOverlay({ close: () => latest.current() }) : undefined), [isOpen]);
}

/**
 * Where menus take part too: elsewhere they are closed by a click or Escape, and an entry would cost the way forward.
 */
export function isPhone(): boolean {
  return matchMedia('(max-width: 700px), (hover: none)').matches;
}
