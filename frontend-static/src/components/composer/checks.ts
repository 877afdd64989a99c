/** Checks of the composer's content: unsaved changes, and whether it can be sent. */
import type { Media } from '../../api/types';
import { isBlank } from '../../lib/blank';
import { graphemes } from '../../lib/entities';
import { completePoll } from '../../lib/new-poll';
import { isSchedulable } from '../../lib/schedule';
import type { ComposerStart } from '../../state/composer';
import { MAX_GRAPHEMES } from '../../state/publish';
import type { Attachment } from '../../state/uploads';
import type { Fields } from './fields';

/** Length in grapheme clusters. */
const WARNING_LIMIT = 200;

export const textLength = ({ text }: Fields): number => (isBlank(text.value) ? 0 : graphemes(text.value.trim()));

/** Whether closing the composer loses content. */
export function isDirty(fields: Fields, start: ComposerStart | null): boolean {
  return (hasContent(fields) || fields.poll.value !== null) && isChanged(fields, start);
}

export function canSubmit(fields: Fields, start: ComposerStart | null): boolean {
  const fits = textLength(fields) <= MAX_GRAPHEMES && graphemes((fields.warning.value ?? '').trim()) <= WARNING_LIMIT;
  const timed = fields.publishAt.value === '' || isSchedulable(fields.publishAt.value);
  return hasContent(fields) && isChanged(fields, start) && fits && timed && hasPollOrNone(fields) && !hasFailed(fields);
}

function hasContent(fields: Fields): boolean {
  return textLength(fields) > 0 || fields.attachments.value.length > 0;
}

function hasPollOrNone({ poll, ...fields }: Fields): boolean {
  return poll.value === null || (completePoll(poll.value) !== null && !isBlank(fields.text.value));
}

function hasFailed({ attachments }: Fields): boolean {
  return attachments.value.some(({ state }) => state.value === 'failed' || state.value === 'rejected');
}

/** A draft and a scheduled post can be sent unchanged; an edit needs a change. */
function isChanged({ text, warning, sensitive, attachments }: Fields, start: ComposerStart | null): boolean {
  if (!start || start.scheduled || start.draft) return true;
  return (
    text.value.trim() !== (start.content.text ?? '') ||
    (warning.value ?? '').trim() !== (start.content.contentWarning ?? '') ||
    sensitive.value !== (start.content.sensitive ?? false) ||
    !isSameMedia(start.media, attachments.value)
  );
}

function isSameMedia(before: Media[], now: Attachment[]): boolean {
  const isSame = (media: Media, item: Attachment) =>
    item.media.value?.id === media.id && item.altText.value.trim() === media.altText;
  return before.length === now.length && before.every((media, place) => isSame(media, now[place]!));
}
