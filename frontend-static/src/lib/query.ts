/**
 * The filter panel's representation of a search query, and the query that it writes. docs/contexts/search.md has the
 * grammar; parts without a control stay as typed, in `words`.
 */
export const HAS = ['photo', 'video', 'audio', 'link'] as const;
export type Has = (typeof HAS)[number];

export interface Filters {
  words: string;
  phrase: string;
  without: string;
  tag: string;
  from: string;
  has: Has[];
  is: '' | 'reply' | 'post';
  since: string;
  until: string;
  lang: string;
}

export const NO_FILTERS: Filters = {
  words: '',
  phrase: '',
  without: '',
  tag: '',
  from: '',
  has: [],
  is: '',
  since: '',
  until: '',
  lang: '',
};

const TOKEN =
  /[-－]?(?:["“”][^"“”]*["“”]?|(?:from|to|has|is|since|until|lang)[:：](?:"[^"]*"|[^\s"“”]*)|[#＃]?[^\s"“”]+|[#＃])/giu;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The first of each kind goes to its control; alternatives (OR) and repetitions stay words. */
export function readFilters(q: string): Filters {
  const filters: Filters = { ...NO_FILTERS, has: [] };
  const words: string[] = [];
  const tokens = q.replaceAll('\u3000', ' ').match(TOKEN) ?? [];
  tokens.forEach((token, index) => {
    const isJoined = token === 'OR' || tokens[index - 1] === 'OR' || tokens[index + 1] === 'OR';
    if (isJoined || !take(filters, token)) words.push(token);
  });
  return { ...filters, words: words.join(' ') };
}

function take(filters: Filters, token: string): boolean {
  if (/^[-－]/u.test(token)) return takeWithout(filters, token.slice(1));
  if (/^["“”]/u.test(token)) return set(filters, 'phrase', token.replace(/["“”]/gu, '').trim());
  if (/^[#＃]/u.test(token)) return set(filters, 'tag', token.slice(1));
  const [, name = '', value = ''] = /^(\w+)[:：]"?([^"]*)"?$/u.exec(token) ?? [];
  const given = value.toLowerCase();
  switch (name.toLowerCase()) {
    case 'from':
      return set(filters, 'from', given.replace(/^[@＠]/u, ''));
    case 'lang':
      return set(filters, 'lang', given);
    case 'since':
      return DAY.test(value) && set(filters, 'since', value);
    case 'until':
      return DAY.test(value) && set(filters, 'until', value);
    case 'is':
      return (given === 'reply' || given === 'post') && set(filters, 'is', given);
    case 'has':
      return takeHas(filters, given);
    default:
      return false;
  }
}

function takeWithout(filters: Filters, word: string): boolean {
  if (!word || /^["“”#＃]|^(from|to|has|is|since|until|lang)[:：]/iu.test(word)) return false;
  filters.without = `${filters.without} ${word}`.trim();
  return true;
}

function takeHas(filters: Filters, value: string): boolean {
  const kind = HAS.find((one) => one === value);
  if (!kind) return false;
  if (!filters.has.includes(kind)) filters.has.push(kind);
  return true;
}

function set<K extends keyof Filters>(filters: Filters, name: K, value: Filters[K]): boolean {
  if (!value || filters[name]) return false;
  filters[name] = value;
  return true;
}

/** The query in the syntax of the search box. */
export function writeFilters(filters: Filters): string {
  const { words, phrase, tag, from, has, is, since, until, lang, without } = filters;
  const bare = phrase.replace(/["“”]/gu, '').trim();
  const handle = from
    .trim()
    .replace(/^[@＠]/u, '')
    .replace(/\s/gu, '');
  const name = tag
    .trim()
    .replace(/^[#＃]/u, '')
    .replace(/[\s"“”]/gu, '');
  return [
    words.trim(),
    bare && `"${bare}"`,
    name && `#${name}`,
    handle && `from:${handle}`,
    ...has.map((kind) => `has:${kind}`),
    is && `is:${is}`,
    since && `since:${since}`,
    until && `until:${until}`,
    lang && `lang:${lang}`,
    ...without
      .replace(/["“”]/gu, ' ')
      .split(/\s+/u)
      .map((word) => word.replace(/^[-－]+/u, ''))
      .filter(Boolean)
      .map((word) => `-${word}`),
  ]
    .filter(Boolean)
    .join(' ');
}

/** The number of controls that are set. */
export function countFilters(filters: Filters): number {
  const { words: _, has, ...others } = filters;
  return has.length + Object.values(others).filter(Boolean).length;
}

export type FacetName = 'lang' | 'has' | 'tags';

export function isFacetOn(filters: Filters, name: FacetName, value: string): boolean {
  if (name === 'has') return filters.has.some((kind) => kind === value);
  return name === 'lang' ? filters.lang === value : filters.tag === value;
}

/** Toggles a facet: set, it narrows the results. */
export function toggleFacet(filters: Filters, name: FacetName, value: string): Filters {
  const isOn = isFacetOn(filters, name, value);
  if (name === 'lang') return { ...filters, lang: isOn ? '' : value };
  if (name === 'tags') return { ...filters, tag: isOn ? '' : value };
  const kind = HAS.find((one) => one === value);
  if (!kind) return filters;
  return { ...filters, has: isOn ? filters.has.filter((one) => one !== kind) : [...filters.has, kind] };
}

const OPERATORS = new Set(['from', 'to', 'has', 'is', 'since', 'until', 'lang']);

/** Words that look like operators (`form:alice`) but are none; URLs and times are excluded. */
export function unknownOperators(q: string): string[] {
  const found = q.matchAll(/(?:^|[\s\u3000])[-－]?([a-z]{2,12})[:：](?!\/\/)\S/giu);
  return [...found].map(([, name = '']) => name.toLowerCase()).filter((name) => !OPERATORS.has(name));
}
