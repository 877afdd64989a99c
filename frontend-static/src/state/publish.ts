/** Publishing: waits for the attachments, stores their descriptions, then posts once. */
import { api } from '../api';
import type { NewPoll, Post, PostContent, ReplyPolicy, Visibility } from '../api/types';
import { makeOwnChange, patchPost, showPublished } from './posts';
import { offerPush } from './push-offer';
import { language } from './settings';
import type { Attachment } from './uploads';

export const MAX_GRAPHEMES = 500;

export interface PostForm {
  /** The same over retries, so that a lost answer cannot create two posts. */
  clientPostId: string;
  text: string;
  attachments: Attachment[];
  visibility: Visibility;
  replyTo: Post | null;
  poll: NewPoll | null;
  quote: Post | null;
  contentWarning: string;
  replyPolicy: ReplyPolicy;
  sensitive: boolean;
}

/** @throws ApiError, or Error when an attachment was refused */
export async function publishPost(form: PostForm): Promise<Post> {
  const post = await api.publish({ clientPostId: form.clientPostId, ...(await waitForContent(form)) });
  showPublished(form.quote ? { ...post, quote: asQuote(form.quote) } : post);
  void offerPush();
  return post;
}

/** Waits for the attachments and stores their descriptions. @throws as `publishPost` */
export async function waitForContent(form: PostForm): Promise<PostContent> {
  const media = await Promise.all(form.attachments.map(finishAttachment));
  return contentOf(form, media);
}

/** The form's current content, with the attachments that are ready; `null` when it is empty. */
export function currentContent(form: PostForm): PostContent | null {
  const ready = form.attachments.filter((item) => item.state.peek() === 'ready').map((item) => item.media.peek()!.id);
  const hasPoll = form.poll?.options.some((option) => option.trim()) ?? false;
  return form.text.trim() || ready.length || hasPoll ? contentOf(form, ready) : null;
}

function contentOf(form: PostForm, mediaIds: string[]): PostContent {
  return {
    text: form.text,
    visibility: form.visibility,
    lang: guessLanguage(form.text),
    ...(mediaIds.length ? { mediaIds } : {}),
    ...(form.replyTo ? { replyTo: form.replyTo.id } : {}),
    ...(form.poll ? { poll: form.poll } : {}),
    ...(form.quote ? { quoteOf: form.quote.id } : {}),
    ...(form.contentWarning.trim() ? { contentWarning: form.contentWarning.trim() } : {}),
    ...(form.sensitive && mediaIds.length ? { sensitive: true } : {}),
    ...(form.replyPolicy !== 'everyone' && !form.replyTo ? { replyPolicy: form.replyPolicy } : {}),
  };
}

/** The quoted post, which the response to publishing omits; the author's page has it. */
function asQuote(post: Post): Post['quote'] {
  return { postId: post.id, state: 'shown', post: { ...post, quoteOf: post.quote?.postId ?? null } };
}

/** Edits text, warning ('' removes it), media, their order and their descriptions. @throws as `publishPost` */
export async function savePostEdit(post: Post, form: PostForm): Promise<void> {
  const { text, contentWarning, attachments, sensitive } = form;
  const mediaIds = await Promise.all(attachments.map(finishAttachment));
  const edit = { version: post.version, text, contentWarning: contentWarning.trim(), mediaIds, sensitive };
  const edited = await makeOwnChange(post.id, () => api.editPost(post.id, { ...edit, lang: guessLanguage(text) }));
  patchPost(post.id, edited);
}

async function finishAttachment(attachment: Attachment): Promise<string> {
  const media = await attachment.done;
  const altText = attachment.altText.value.trim();
  if (altText !== media.altText) await api.describeMedia(media.id, altText);
  return media.id;
}

/** Kana mean Japanese, Latin letters alone mean English; otherwise the UI's language. */
export function guessLanguage(text: string): string {
  if (/[\p{sc=Hira}\p{sc=Kana}]/u.test(text)) return 'ja';
  if (/[a-z]{3}/i.test(text) && !/\p{sc=Han}/u.test(text)) return 'en';
  return language.value;
}
