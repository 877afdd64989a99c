const NEEDS_ISOLATION =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/u;

/**
 * Isolates foreign text inside a sentence, so that its direction and control characters do not affect the rest: between
 * FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9). Elements use `<bdi>` for the same purpose.
 */
export function isolated(text: string): string {
  return NEEDS_ISOLATION.test(text) ? `\u2068${text.replace(/[\u2066-\u2069]/g, '')}\u2069` : text;
}
