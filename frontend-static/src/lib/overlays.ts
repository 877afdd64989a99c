/**
 * What lies over a page (dialogs, the lightbox, menus) and the browser's history: each has an entry of its own above
 * the page's, so that Back closes the topmost and stays on the page. An entry goes when its overlay closes by other
 * means.
 *
 * Entries are pushed when something opens only: a browser may skip entries that a page adds without a person's action.
 */

/** What is remembered with an entry of the browser's history. */
export interface Entry {
  /** Steps into the app. */
  depth?: number;
  /** How far the page was scrolled. */
  scroll?: number;
  /** How many overlays lie over the page. */
  overlays?: number;
}

/** Something that lies over the page. */
export interface Overlay {
  /** Closes it. False: it stays, because there is something to ask first. */
  close: () => boolean | void;
}

/** From the lowest to the topmost. */
const open: Overlay[] = [];
/** What waits until the browser has gone where it was sent: traversals are asynchronous, other changes are not. */
const waiting: (() => void)[] = [];
let isTraversing = false;
let deadline: ReturnType<typeof setTimeout> | undefined;
/** A browser drops a traversal when another navigation comes in between, or when there were very many. */
const LOST_MS = 1000;

export function entry(): Entry {
  return (history.state as Entry | null) ?? {};
}

/** How many overlays the entry at hand has. */
function level(): number {
  return entry().overlays ?? 0;
}

/** Runs `change` as soon as no traversal is on its way. */
function whenSettled(change: () => void): void {
  if (isTraversing) waiting.push(change);
  else change();
}

function traverse(steps: number): void {
  isTraversing = true;
  history.go(steps);
  deadline = setTimeout(arrived, LOST_MS);
}

/** Where it was sent, the browser is; what waited for that goes on. */
function arrived(): void {
  clearTimeout(deadline);
  isTraversing = false;
  while (!isTraversing && waiting.length > 0) waiting.shift()!();
}

/** Gives each open overlay its entry. */
function push(): void {
  if (open.length > 0 && level() === 0) history.replaceState({ ...entry(), scroll: window.scrollY }, '');
  while (level() < open.length) history.pushState({ ...entry(), overlays: level() + 1 }, '');
}

/** Leaves entries whose overlays are closed. */
function settle(): void {
  if (!isTraversing && level() > open.length) traverse(open.length - level());
}

/** Takes part in Back until the function that it answers is called. */
export function openOverlay(overlay: Overlay): () => void {
  open.push(overlay);
  whenSettled(push);
  return () => {
    const place = open.indexOf(overlay);
    if (place < 0) return;
    open.splice(place, 1);
    // Later: a menu may open a dialog, which takes over its entry, or lead to a page, which takes its place.
    queueMicrotask(settle);
  };
}

/** Closes what lies above the lowest `count`, from the top; what refuses stays. */
function closeAbove(count: number): void {
  const stay: Overlay[] = [];
  while (open.length > count) {
    const top = open.pop()!;
    if (top.close() === false) stay.unshift(top);
  }
  // A question that a refusal opened is above it.
  open.splice(count, 0, ...stay);
}

/**
 * Closes all overlays and makes `url` the entry at hand: in the place of the lowest overlay's, so that no entry is left
 * that leads nowhere, or with `replace` in the place of the page's.
 */
export function showPage(url: URL, replace: boolean): void {
  const scroll = window.scrollY;
  closeAbove(0);
  const put = () => {
    const depth = entry().depth ?? 0;
    if (level() === 0) history.replaceState({ ...entry(), scroll }, '');
    if (replace) history.replaceState({ depth }, '', url);
    else if (level() > 0) history.replaceState({ depth: depth + 1 }, '', url);
    else history.pushState({ depth: depth + 1 }, '', url);
    push();
  };
  whenSettled(() => {
    const steps = (replace ? 0 : Math.min(1, level())) - level();
    if (!steps) return put();
    waiting.unshift(put);
    return traverse(steps);
  });
}

/** To the page before, past the entries of overlays. */
export function leavePage(): void {
  whenSettled(() => history.go(-1 - level()));
}

/** Follows Back and Forward. `onPage` is called when the page may be another one. */
export function startOverlays(onPage: (entry: Entry) => void): void {
  addEventListener('popstate', () => {
    if (isTraversing) arrived();
    else {
      closeAbove(level());
      push();
      onPage(entry());
    }
    // Forward to an overlay that is closed leads back to its page.
    settle();
  });
  // After a reload nothing is open.
  settle();
}
