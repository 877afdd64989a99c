import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { moved, pinchOf, type Swipe, swipeOf, toggled, type View, WHOLE, zoomed } from './zoom';

/** Elements on and around the photo keep their normal behaviour. */
const OTHERS = 'button, a, figcaption, [role=menu]';
const TAP_PX = 10;
const DOUBLE_MS = 300;

interface Finger {
  x: number;
  y: number;
}

/**
 * Gestures on a photo by touch, pen or mouse: swipes change the photo or close, pinch zooms, a double tap toggles the
 * zoom, one finger moves a zoomed photo. A mouse only moves it and zooms with its wheel, because swipes would be
 * accidental. Fingers may also start beside the photo, which is small while it loads.
 */
export function usePhotoGestures(photo: RefObject<HTMLElement | null>, swiped: (swipe: Exclude<Swipe, null>) => void) {
  const [view, setView] = useState<View>(WHOLE);
  /** How far an unzoomed photo was dragged. */
  const [drag, setDrag] = useState<Finger | null>(null);
  const fingers = useRef(new Map<number, Finger>());
  const start = useRef({ x: 0, y: 0, at: 0, pinched: false });
  const lastTap = useRef(0);

  const boxOf = () => photo.current?.getBoundingClientRect() ?? new DOMRect();
  const fromMiddle = ({ x, y }: Finger): Finger => {
    const box = boxOf();
    return { x: x - box.x - box.width / 2, y: y - box.y - box.height / 2 };
  };
  const reset = () => {
    setView(WHOLE);
    setDrag(null);
  };

  const onPointerDown = (event: PointerEvent) => {
    const target = event.target as Element;
    if (target.closest(OTHERS)) return;
    const all = fingers.current;
    all.set(event.pointerId, { x: event.clientX, y: event.clientY });
    // Captured by the photo or its surroundings, so that a tap on each can be distinguished.
    const holder = photo.current?.contains(target) ? photo.current : (event.currentTarget as HTMLElement);
    holder.setPointerCapture(event.pointerId);
    if (all.size === 1) start.current = { x: event.clientX, y: event.clientY, at: event.timeStamp, pinched: false };
    else start.current.pinched = true;
  };

  const onPointerMove = (event: PointerEvent) => {
    const all = fingers.current;
    const before = all.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (all.size === 2) {
      const old = pinchOf([...all.values()] as [Finger, Finger]);
      all.set(event.pointerId, now);
      const next = pinchOf([...all.values()] as [Finger, Finger]);
      setView((view) => zoomed(view, next.apart / Math.max(1, old.apart), fromMiddle(next)));
      return;
    }
    all.set(event.pointerId, now);
    const by = { x: now.x - before.x, y: now.y - before.y };
    if (view.scale > 1) setView((current) => moved(current, by, boxOf()));
    else if (event.pointerType !== 'mouse' && !start.current.pinched)
      setDrag({ x: now.x - start.current.x, y: Math.max(0, now.y - start.current.y) });
  };

  const onPointerUp = (event: PointerEvent) => {
    if (!fingers.current.delete(event.pointerId) || fingers.current.size > 0) return;
    setDrag(null);
    const way = { x: event.clientX - start.current.x, y: event.clientY - start.current.y };
    if (start.current.pinched) return;
    if (Math.hypot(way.x, way.y) < TAP_PX) tapped(event);
    else if (view.scale === 1 && event.pointerType !== 'mouse') {
      const swipe = swipeOf(way, event.timeStamp - start.current.at);
      if (swipe) swiped(swipe);
    }
  };

  const tapped = (event: PointerEvent) => {
    const isSecond = event.timeStamp - lastTap.current < DOUBLE_MS;
    lastTap.current = isSecond ? 0 : event.timeStamp;
    const at = fromMiddle({ x: event.clientX, y: event.clientY });
    if (isSecond) setView((current) => toggled(current, at));
  };

  const onPointerCancel = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    setDrag(null);
  };

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const at = fromMiddle({ x: event.clientX, y: event.clientY });
    setView((current) => zoomed(current, Math.exp(-event.deltaY / 300), at));
  };

  const { x, y } = drag ?? view;
  return {
    reset,
    isZoomed: view.scale > 1,
    style: { transform: `translate(${x}px, ${y}px) scale(${view.scale})` },
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel },
    onWheel,
  };
}
