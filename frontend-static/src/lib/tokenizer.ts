/**
 * Finds links, mentions and tags in text: the same tokenizer as the server's (services/common/tokenizer.py, which
 * explains the rules). frontend-static/tests/vectors/tokens.json tests both. Offsets count UTF-16 code units.
 */

export interface Token {
  start: number;
  end: number;
  kind: 'link' | 'mention' | 'tag';
  /** The URL of a link, the lower-case handle of a mention, the folded tag. */
  value: string;
}

const TAG_LIMIT = 50;
const LINK_LIMIT = 2000;

const WORD_BEFORE = String.raw`\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}`;
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_\u200C\u200D\-]*[\p{L}\p{M}\p{N}])?`;
const LINK_START = new RegExp(
  String.raw`(?<![${WORD_BEFORE}])([Hh][Tt][Tt][Pp][Ss]?:\/\/)(${LABEL}(?:\.${LABEL})*|\[[0-9A-Fa-f:.]+\])`,
  'gu',
);
const USER_INFO = /[A-Za-z0-9_.~%+:-]*@[\p{L}\p{N}[]/uy;
const PORT = /:([0-9]+)(?![A-Za-z0-9])/uy;
const ENDS_LINK =
  /[\s\p{Z}\p{Cc}<>"`|\\^{}\u2014\u2015\u301C\uFF5E\p{Pi}\p{Pf}]|(?![()[\]])[\p{Ps}\p{Pe}]|(?![\0-\x7F\u00B7\u30FB\uFF65])\p{Po}|(?![\u200C\u200D])\p{Cf}|(?![\0-\x7F])[\p{S}\p{Extended_Pictographic}]/u;
const HIRAGANA = /\p{Script=Hiragana}/u;
const PARTICLE = /(?<=[A-Za-z0-9])\p{Script=Hiragana}/uy;
const BRACKET_OR_END = new RegExp(String.raw`[()[\]]|${ENDS_LINK.source}|${PARTICLE.source}`, 'gu');
const CLOSES: Record<string, string> = { ')': '(', ']': '[' };
const SENTENCE_END = new Set(".,:;!?'*\u2013\u2026\u00b7\u30fb\uff65");
const MENTION = new RegExp(
  String.raw`(?<![${WORD_BEFORE}_@＠\/]|[${WORD_BEFORE}_][.+\-])[@＠]([A-Za-z0-9_]{3,20})(?![A-Za-z0-9_@＠\p{Script=Latin}\p{M}])`,
  'gu',
);
const AFTER_LETTER = /(?<=\p{L})/uy;
const DOMAIN = /\.[\p{L}\p{N}]/uy;
const MEDIAL = String.raw`\u200C\u200D\u00B7\u05BE\u05F3\u05F4\u0F0B\u0F0C\u30A0\u30FB\uFF65\u301C\uFF5E`;
const LETTERS = String.raw`(?:(?![${MEDIAL}])[\p{XID_Continue}\u3003\u309B\u309C])+`;
const TAG = new RegExp(String.raw`(?<![\p{L}\p{M}\p{N}_&\/#＃﹟])[#＃﹟](${LETTERS}(?:[${MEDIAL}]+${LETTERS})*)`, 'gu');

/** All tokens of a text, in order, without overlaps. Links win: `https://a.example/#x` contains no tag. */
export function tokensOf(text: string): Token[] {
  const found = links(text);
  const others = [...mentions(text), ...tags(text)].sort(byStart);
  return [...found, ...apart(others, found)].sort(byStart);
}

function byStart(a: Token, b: Token): number {
  return a.start - b.start;
}

/** Those of `others` that overlap no link; both are in order. */
function apart(others: Token[], found: Token[]): Token[] {
  let passed = 0;
  return others.filter((one) => {
    while (passed < found.length && (found[passed]?.end ?? 0) <= one.start) passed += 1;
    return one.end <= (found[passed]?.start ?? one.end);
  });
}

/** The form in which tags are compared: NFKC, case folded, without invisible characters; `Ｔｏｋｙｏ` is `tokyo`. */
export function foldedTag(tag: string): string {
  const seen = tag.replace(/\p{Default_Ignorable_Code_Point}+/gu, '');
  const text = seen.replaceAll('\u309B', '\u3099').replaceAll('\u309C', '\u309A');
  return folded(text.normalize('NFKC')).normalize('NFKC').replaceAll('~', '\u301C');
}

/** Case folding (Unicode, CaseFolding.txt): browsers lack it; lower case of upper case is a close approximation. */
function folded(text: string): string {
  let result = '';
  for (const one of text) {
    if (one === 'ı') result += one;
    else if (/\p{Script=Cherokee}/u.test(one)) result += one.toUpperCase();
    else result += one.toUpperCase().toLowerCase();
  }
  return result.replaceAll('ς', 'σ');
}

/** Links inside a link are part of it, also of one that is too long. */
function links(text: string): Token[] {
  const found: Token[] = [];
  const pairs = pairsOf(text);
  let past = 0;
  for (const match of text.matchAll(LINK_START)) {
    if (match.index < past) continue;
    const end = linkEnd(text, match, pairs);
    if (end === null) continue;
    past = end;
    if ([...text.slice(match.index, end)].length <= LINK_LIMIT) {
      found.push({ start: match.index, end, kind: 'link', value: text.slice(match.index, end) });
    }
  }
  return found;
}

/** Where each bracket closes: those that close before a character that ends links, and before a wrong bracket. */
function pairsOf(text: string): Map<number, number> {
  const pairs = new Map<number, number>();
  let opened: { bracket: string; index: number }[] = [];
  for (const { 0: one, index } of text.matchAll(BRACKET_OR_END)) {
    if (one === '(' || one === '[') opened.push({ bracket: one, index });
    else {
      const last = opened.pop();
      if (last && CLOSES[one] === last.bracket) pairs.set(last.index, index);
      else opened = [];
    }
  }
  return pairs;
}

function linkEnd(text: string, match: RegExpExecArray, pairs: Map<number, number>): number | null {
  const [whole, scheme = '', name = ''] = match;
  const hostEnd = match.index + scheme.length + host(name).length;
  if (hostEnd < match.index + whole.length) return hostEnd;
  if (at(USER_INFO, text, hostEnd)) return null;
  let end = hostEnd;
  const port = at(PORT, text, end);
  if (port?.[1]) {
    if (port[1].length > 5 || Number(port[1]) < 1 || Number(port[1]) > 65_535) return null;
    end += port[0].length;
  }
  if (end < text.length && '/?#'.includes(text.charAt(end)))
    end = trimmed(text, match.index, end, restEnd(text, end, pairs));
  return end;
}

/** The match of a sticky expression at a position. */
function at(expression: RegExp, text: string, index: number): RegExpExecArray | null {
  expression.lastIndex = index;
  return expression.exec(text);
}

function host(name: string): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const ascii = /^[ -~]*/.exec(last)?.[0] ?? '';
  if (ascii === last || ascii === '') return name;
  let length = ascii.length;
  while ('-_'.includes(ascii.charAt(length - 1))) length -= 1;
  return name.slice(0, name.length - last.length) + ascii.slice(0, length);
}

/** Where path, query and fragment end, which begin at `start`: also before a bracket that does not close. */
function restEnd(text: string, start: number, pairs: Map<number, number>): number {
  let index = start;
  while (index < text.length) {
    const closed = pairs.get(index);
    const one = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (closed !== undefined) index = closed + 1;
    else if ('()[]'.includes(one) || ENDS_LINK.test(one) || particleFollows(text, one, start, index)) break;
    else index += one.length;
  }
  return index;
}

function particleFollows(text: string, one: string, start: number, index: number): boolean {
  if (at(PARTICLE, text, index)) return true;
  return index === start + 1 && text.charAt(start) === '/' && HIRAGANA.test(one);
}

function trimmed(text: string, start: number, least: number, end: number): number {
  const before = start > 0 ? text.charAt(start - 1) : '';
  const emphasis = '_~'.includes(before) ? before : '';
  let last = end;
  while (last > least) {
    const one = text.charAt(last - 1);
    if (SENTENCE_END.has(one) || (emphasis !== '' && one === emphasis)) last -= 1;
    else if (last - 2 >= least && text.slice(last - 2, last) === "'s") last -= 2;
    else break;
  }
  return last;
}

function mentions(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(MENTION)) {
    const end = match.index + match[0].length;
    if (at(AFTER_LETTER, text, match.index) && at(DOMAIN, text, end)) continue;
    found.push({ start: match.index, end, kind: 'mention', value: (match[1] ?? '').toLowerCase() });
  }
  return found;
}

function tags(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(TAG)) {
    const value = foldedTag(match[1] ?? '');
    if ([...value].length > TAG_LIMIT || !/[\p{L}\p{Nl}]/u.test(value)) continue;
    found.push({ start: match.index, end: match.index + match[0].length, kind: 'tag', value });
  }
  return found;
}
