/**
 * Whether a key belongs to an input method: Enter then takes a candidate and sends nothing. Safari reports the Enter
 * that ends a composition as no part of it, with the key code 229 (UI Events, "keyCode for IME").
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
