/** Search results mark matches in segments of the text; a post shows them inside its links and tags. */
import type { HighlightSegment } from '../api/types';

/** The matched words, longest first. */
export function matchedWords(highlight: HighlightSegment[] | null | undefined): string[] {
  const words = (highlight ?? [])
    .filter((piece) => piece.match && piece.text.trim())
    .map((piece) => piece.text.toLowerCase());
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

/** Marks words in plain text; of two words that start at the same position, the longer one wins. */
export function markWords(text: string, words: string[]): HighlightSegment[] {
  if (words.length === 0) return [{ text, match: false }];
  const pattern = new RegExp(`(${words.map(escapePattern).join('|')})`, 'giu');
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, match: index % 2 === 1 }))
    .filter((piece) => piece.text);
}

function escapePattern(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
