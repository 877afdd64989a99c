import type { Entities } from '../api/types';
import { segments, shortLink } from '../lib/entities';
import { markWords } from '../lib/highlight';

/** A post's text with its links, tags and mentions; `marked` words are highlighted. */
export function RichText({ text, entities, marked = [] }: { text: string; entities: Entities; marked?: string[] }) {
  return (
    <>
      {segments(text, entities).map((segment, index) => {
        if (segment.kind === 'link') {
          return (
            <a key={index} href={segment.href} target="_blank" rel="noopener noreferrer nofollow">
              {shortLink(segment.href)}
            </a>
          );
        }
        if (segment.kind === 'tag')
          return (
            <a key={index} href={`/tags/${encodeURIComponent(segment.tag)}`}>
              <Marked text={segment.text} words={marked} />
            </a>
          );
        if (segment.kind === 'mention')
          return (
            <a key={index} href={`/users/${segment.userId}`}>
              {segment.text}
            </a>
          );
        return <Marked key={index} text={segment.text} words={marked} />;
      })}
    </>
  );
}

function Marked({ text, words }: { text: string; words: string[] }) {
  if (words.length === 0) return <>{text}</>;
  return (
    <>
      {markWords(text, words).map((piece, index) => (piece.match ? <mark key={index}>{piece.text}</mark> : piece.text))}
    </>
  );
}
