/** Splits a post's text into plain pieces, links, tags and mentions, for display. */
import type { Entities } from '../api/types';
import { type Token, tokensOf } from './tokenizer';

export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'tag'; text: string; tag: string }
  | { kind: 'mention'; text: string; userId: string };

/** Only what the server recognised becomes a link, a tag or a mention, so text can't forge one. */
export function segments(text: string, entities: Entities): Segment[] {
  const result: Segment[] = [];
  let end = 0;
  for (const token of tokensOf(text)) {
    const segment = toSegment(token, text.slice(token.start, token.end), entities);
    if (!segment) continue;
    push(result, text.slice(end, token.start));
    result.push(segment);
    end = token.end;
  }
  push(result, text.slice(end));
  return result;
}

function push(result: Segment[], text: string): void {
  if (text) result.push({ kind: 'text', text });
}

function toSegment({ kind, value }: Token, text: string, entities: Entities): Segment | null {
  if (kind === 'link') return entities.links.includes(value) ? { kind, text, href: value } : null;
  if (kind === 'tag') return entities.tags.includes(value) ? { kind, text, tag: value } : null;
  const mention = entities.mentions.find(({ handle }) => handle.toLowerCase() === value);
  return mention ? { kind, text, userId: mention.userId } : null;
}

/** For a bio, of which the server stores only the mentions, with the people they meant at the time of writing. */
export function entitiesOfBio(text: string, mentions: Entities['mentions']): Entities {
  const found = tokensOf(text);
  const of = (kind: Token['kind']) => found.filter((token) => token.kind === kind).map(({ value }) => value);
  return { links: of('link'), tags: of('tag'), mentions };
}

/** The displayed form of a link: without the scheme, and shortened. */
export function shortLink(href: string): string {
  const bare = href.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '');
  return bare.length > 40 ? `${bare.slice(0, 39)}…` : bare;
}

/** Length in grapheme clusters (é, 👩‍👩‍👧 and 葛󠄀 count as one each). */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) count += 1;
  return count;
}
