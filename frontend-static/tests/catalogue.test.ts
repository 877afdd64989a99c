/** Names and order of the catalogue's keys: the rules of `docs/web-ui.md`. */
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';

type Files = Record<string, string>;
const english: Files = import.meta.glob(['../src/i18n/en/*.ts', '!**/index.ts', '!**/numbers.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const japanese: Files = import.meta.glob(['../src/i18n/ja/*.ts', '!**/index.ts', '!**/numbers.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const sources: Files = import.meta.glob(['../src/**/*.{ts,tsx}', '!../src/i18n/en/**', '!../src/i18n/ja/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

const KEYS = Object.keys(en);
const keysOf = (text: string) => [...text.matchAll(/^ {2}'([^']+)':/gm)].map(([, key]) => key!);
const areaOf = (key: string) => key.split('.')[0]!;

describe('keys of the catalogue', () => {
  it('have the form area.message, optionally with the name of a variant', () => {
    const scheme = /^[a-z][A-Za-z]*\.[a-z][A-Za-z]*(\.[A-Za-z0-9][\w-]*){0,2}$/;
    expect(KEYS.filter((key) => !scheme.test(key))).toEqual([]);
  });

  it('of one area are in one file, in the same order in both languages', () => {
    const files = new Map<string, Set<string>>();
    for (const [path, text] of Object.entries(english)) {
      const keys = keysOf(text);
      expect(keysOf(japanese[path.replace('/en/', '/ja/')] ?? ''), path).toEqual(keys);
      for (const area of keys.map(areaOf)) files.set(area, (files.get(area) ?? new Set()).add(path));
    }
    expect([...files].filter(([, paths]) => paths.size > 1)).toEqual([]);
    expect(Object.keys(ja)).toEqual(KEYS);
  });

  it('have Japanese texts without spaces around numbers and names', () => {
    const stray = /(?:\}|[0-9０-９：、。」）]) +[ぁ-んァ-ヶ一-龥々]|[ぁ-ん：、。] +(?:\$\{|[0-9])/g;
    const found = Object.values(japanese).flatMap((text) => text.match(stray) ?? []);
    expect(found).toEqual([]);
  });

  it('that end in Hint belong to a message', () => {
    const hints = KEYS.filter((key) => /Hint$/.test(key));
    expect(hints.filter((hint) => !KEYS.some((key) => key !== hint && key.startsWith(hint.slice(0, -4))))).toEqual([]);
  });

  it('end in Count when the message counts something', () => {
    const counted = /'([^']+)': \(n: number\) =>\s+count\(/g;
    const keys = [...Object.values(english).join('').matchAll(counted)].map(([, key]) => key!);
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => !key.endsWith('Count') && areaOf(key) !== 'duration')).toEqual([]);
  });

  it('are all used', () => {
    const text = Object.values(sources).join('\n');
    const literals = new Set([...text.matchAll(/'([\w.-]+)'/g)].map(([, literal]) => literal));
    const prefixes = [...text.matchAll(/`([a-z]\w*\.[\w.-]*)\$\{/gi)].map(([, prefix]) => prefix!);
    const used = (key: string) => literals.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
    expect(KEYS.filter((key) => !used(key))).toEqual([]);
  });
});
