/** Publishing: waits for the attachments, stores their descriptions, then posts once. */
import { api } from '../api';
import type { Post, Visibility } from '../api/types';
import { language } from './settings';
import { published } from './posts';
import type { Attachment } from './uploads';

export const MAX_GRAPHEMES = 500;

export interface Draft {
  /** Stays the same over retries, so that a lost answer cannot make two posts. */
  clientPostId: string;
  text: string;
  attachments: Attachment[];
  visibility: Visibility;
  replyTo: Post | null;
}

/** @throws ApiError, or Error when an attachment was refused */
export async function send(draft: Draft): Promise<Post> {
  const media = await Promise.all(draft.attachments.map(finished));
  const post = await api.publish({
    clientPostId: draft.clientPostId,
    text: draft.text,
    visibility: draft.visibility,
    lang: guessLanguage(draft.text),
    ...(media.length ? { mediaIds: media } : {}),
    ...(draft.replyTo ? { replyTo: draft.replyTo.id } : {}),
  });
  published(post);
  return post;
}

async function finished(attachment: Attachment): Promise<string> {
  const media = await attachment.done;
  const altText = attachment.altText.value.trim();
  if (altText && altText !== media.altText) await api.describeMedia(media.id, altText);
  return media.id;
}

/** Kana says Japanese, Latin letters alone say English; else the language of the UI. */
export function guessLanguage(text: string): string {
  if (/[\p{sc=Hira}\p{sc=Kana}]/u.test(text)) return 'ja';
  if (/[a-z]{3}/i.test(text) && !/\p{sc=Han}/u.test(text)) return 'en';
  return language.value;
}
