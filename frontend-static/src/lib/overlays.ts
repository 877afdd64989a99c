/**
 * Overlays (dialogs, the lightbox, menus) and the browser's history: each has its own entry above the page's, so that
 * Back closes the topmost and stays on the page. The entry is removed when its overlay closes by other means.
 *
 * Entries are pushed only when something opens: a browser may skip entries that a page adds without a person's action.
 */

/** The state stored with a history entry. */
export interface Entry {
  /** The number of steps from the app's first page. */
  depth?: number;
  /** The scroll position. */
  scroll?: number;
  /** The number of overlays over the page. */
  overlays?: number;
}

/** An element that lies over the page. */
export interface Overlay {
  /** Closes it. False: it stays open, because it has to ask first. */
  close: () => boolean | void;
}

/** From the lowest to the topmost. */
const open: Overlay[] = [];
/** Changes that wait for a pending traversal: traversals are asynchronous, other changes are not. */
const waiting: (() => void)[] = [];
let isTraversing = false;
let deadline: ReturnType<typeof setTimeout> | undefined;
/** A browser drops a traversal when another navigation intervenes, or after too many. */
const LOST_MS = 1000;

export function entry(): Entry {
  return (history.state as Entry | null) ?? {};
}

/** The number of overlays of the current entry. */
function level(): number {
  return entry().overlays ?? 0;
}

/** Runs `change` as soon as no traversal is pending. */
function whenSettled(change: () => void): void {
  if (isTraversing) waiting.push(change);
  else change();
}

function traverse(steps: number): void {
  isTraversing = true;
  history.go(steps);
  deadline = setTimeout(arrived, LOST_MS);
}

/** The traversal is complete, so pending changes run. */
function arrived(): void {
  clearTimeout(deadline);
  isTraversing = false;
  while (!isTraversing && waiting.length > 0) waiting.shift()!();
}

/** Pushes an entry for each open overlay. */
function push(): void {
  if (open.length > 0 && level() === 0) history.replaceState({ ...entry(), scroll: window.scrollY }, '');
  while (level() < open.length) history.pushState({ ...entry(), overlays: level() + 1 }, '');
}

/** Leaves entries whose overlays are closed. */
function settle(): void {
  if (!isTraversing && level() > open.length) traverse(open.length - level());
}

/** Registers an overlay for Back; the returned function unregisters it. */
export function openOverlay(overlay: Overlay): () => void {
  open.push(overlay);
  whenSettled(push);
  return () => {
    const place = open.indexOf(overlay);
    if (place < 0) return;
    open.splice(place, 1);
    // Deferred: a menu may open a dialog, which takes over its entry, or lead to a page, which replaces it.
    queueMicrotask(settle);
  };
}

/** Closes the overlays above the lowest `count`, from the top; an overlay that refuses stays. */
function closeAbove(count: number): void {
  const stay: Overlay[] = [];
  while (open.length > count) {
    const top = open.pop()!;
    if (top.close() === false) stay.unshift(top);
  }
  // The refusal opened a question, which lies above the overlay.
  open.splice(count, 0, ...stay);
}

/**
 * Closes all overlays and makes `url` the current entry: it replaces the lowest overlay's entry, so that no dead entry
 * remains, or with `replace` the page's.
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

/** Goes to the previous page, past the entries of overlays. */
export function leavePage(): void {
  whenSettled(() => history.go(-1 - level()));
}

/** Handles Back and Forward. `onPage` is called when the page may have changed. */
export function startOverlays(onPage: (entry: Entry) => void): void {
  addEventListener('popstate', () => {
    if (isTraversing) arrived();
    else {
      closeAbove(level());
      push();
      onPage(entry());
    }
    // Forward to a closed overlay's entry returns to its page.
    settle();
  });
  // After a reload no overlay is open.
  settle();
}
