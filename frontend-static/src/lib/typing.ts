/**
 * Whether a key event belongs to an input method: Enter then accepts a candidate and must not send. Safari reports the
 * Enter that ends a composition outside of it, with key code 229 (UI Events, "keyCode for IME").
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
