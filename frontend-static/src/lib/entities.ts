/** Splits a post's text into plain pieces, links, tags and mentions. The server says which exist; here they are found in the text. */
import type { Entities } from '../api/types';

export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'tag'; text: string; tag: string }
  | { kind: 'mention'; text: string; handle: string };

/** The same borders as the server's (services/posts/entities.py). */
const TOKEN =
  /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"“”「」『』（）、。！？]+|(?<![\p{L}\p{N}_@＠./-])[@＠][A-Za-z0-9_]{3,20}(?![A-Za-z0-9_@＠])|(?<![\p{L}\p{N}_&/#＃])[#＃][\p{L}\p{M}\p{N}_ー・]+/giu;

/** Only what the server recognised becomes a link, a tag or a mention, so that text can't forge one. */
export function segments(text: string, entities: Entities): Segment[] {
  const result: Segment[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const segment = toSegment(match[0], entities);
    if (!segment) continue;
    push(result, text.slice(end, match.index));
    result.push(segment);
    end = match.index + segment.text.length;
  }
  push(result, text.slice(end));
  return result;
}

function push(result: Segment[], text: string): void {
  if (text) result.push({ kind: 'text', text });
}

/** The form by which tags and handles are the same. */
function fold(value: string): string {
  return value.slice(1).normalize('NFKC').toLowerCase();
}

function toSegment(raw: string, entities: Entities): Segment | null {
  if (/^http/i.test(raw)) {
    // The server knows where a link ends: the longest of its links that this begins with.
    const href = entities.links.filter((link) => raw.startsWith(link)).sort((a, b) => b.length - a.length)[0];
    return href && /^https?:\/\//i.test(href) ? { kind: 'link', text: href, href } : null;
  }
  const name = fold(raw);
  if (/^[@＠]/.test(raw)) {
    const mention = entities.mentions.find(({ handle }) => handle.toLowerCase() === name);
    return mention ? { kind: 'mention', text: raw, handle: mention.handle } : null;
  }
  const tag = entities.tags.find((known) => known.normalize('NFKC').toLowerCase() === name);
  return tag ? { kind: 'tag', text: raw, tag } : null;
}

/** What people read of a link: no scheme, not endless. */
export function shortLink(href: string): string {
  const bare = href.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '');
  return bare.length > 40 ? `${bare.slice(0, 39)}…` : bare;
}

/** Number of characters as a reader counts them (é, 👩‍👩‍👧 and 葛󠄀 are one each). */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) count += 1;
  return count;
}
