/** Typed catalogue: English is the shape, Japanese must have every key with the same parameters (checked by tsc). */
import { language } from '../state/settings';
import { en } from './en';
import { ja } from './ja';
import type { Key, Messages, Translation } from './translation';

export type { Key } from './translation';

type Parameters_<K extends Key> = Messages[K] extends (...args: infer A) => string ? A : [];

const catalogues: Record<'ja' | 'en', Translation> = { en, ja };

/** The message in the chosen language; components that call it follow the language signal. */
export function t<K extends Key>(key: K, ...args: Parameters_<K>): string {
  const message = catalogues[language.value][key] as string | ((...values: unknown[]) => string);
  return typeof message === 'function' ? message(...args) : message;
}

export function isKey(key: string): key is Key {
  return key in en;
}
