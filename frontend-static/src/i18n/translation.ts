/** English is the shape of the catalogue: what a translation must provide. */
import type { en } from './en';

export type Messages = typeof en;
export type Key = keyof Messages;
export type Translation = {
  [K in Key]: Messages[K] extends (...args: infer A) => string ? (...args: A) => string : string;
};
