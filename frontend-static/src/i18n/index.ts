/** The messages of the UI. `docs/web-ui.md` has the rules for keys. */
import { isolated } from '../lib/bidi';
import { language } from '../state/settings';
import { en } from './en';
import { ja } from './ja';
import type { Translation } from './translation';

type Messages = typeof en;
export type Key = keyof Messages;

type Parameters_<K extends Key> = Messages[K] extends (...args: infer A) => string ? A : [];

const catalogues: Record<'ja' | 'en', Translation<Messages>> = { en, ja };

/** The message in the selected language; components that call it re-render when the language changes. */
export function t<K extends Key>(key: K, ...args: Parameters_<K>): string {
  const message = catalogues[language.value][key] as string | ((...values: unknown[]) => string);
  if (typeof message !== 'function') return message;
  return message(...args.map((one: unknown) => (typeof one === 'string' ? isolated(one) : one)));
}

export function isKey(key: string): key is Key {
  return key in en;
}
