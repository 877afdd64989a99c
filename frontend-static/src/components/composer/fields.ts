/** The composer's fields as signals. */
import { batch, type Signal, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { NewPoll, Post, ReplyPolicy, Visibility } from '../../api/types';
import { toLocalInput } from '../../lib/schedule';
import type { ComposerStart } from '../../state/composer';
import type { PostForm } from '../../state/publish';
import { type Attachment, attachMedia } from '../../state/uploads';

export interface Fields {
  text: Signal<string>;
  attachments: Signal<Attachment[]>;
  /** Null: the post has no content warning. */
  warning: Signal<string | null>;
  sensitive: Signal<boolean>;
  poll: Signal<NewPoll | null>;
  visibility: Signal<Visibility>;
  replyPolicy: Signal<ReplyPolicy>;
  /** The value of an `<input type="datetime-local">`; empty: the post is published at once. */
  publishAt: Signal<string>;
}

const SOON_MS = 5 * 60_000;

export function useFields(start: ComposerStart | null, replyTo: Post | null): Fields {
  const content = start?.content;
  const time = start?.scheduled && Math.max(Date.parse(start.scheduled.publishAt), Date.now() + SOON_MS);
  return {
    text: useSignal(content?.text ?? ''),
    attachments: useSignal<Attachment[]>(useMemo(() => (start?.media ?? []).map(attachMedia), [])),
    warning: useSignal<string | null>(content?.contentWarning ?? replyTo?.contentWarning ?? null),
    sensitive: useSignal(content?.sensitive ?? false),
    poll: useSignal<NewPoll | null>(content?.poll ?? null),
    visibility: useSignal<Visibility>(content?.visibility ?? replyTo?.visibility ?? 'public'),
    replyPolicy: useSignal<ReplyPolicy>(content?.replyPolicy ?? 'everyone'),
    publishAt: useSignal(time ? toLocalInput(time) : ''),
  };
}

/** Resets the fields after a post, except for the audience. */
export function clearFields(fields: Fields): void {
  fields.attachments.peek().forEach((item) => URL.revokeObjectURL(item.preview));
  batch(() => {
    fields.text.value = '';
    fields.attachments.value = [];
    fields.warning.value = null;
    fields.sensitive.value = false;
    fields.poll.value = null;
    fields.replyPolicy.value = 'everyone';
    fields.publishAt.value = '';
  });
}

export function formOf(fields: Fields, given: Pick<PostForm, 'clientPostId' | 'replyTo' | 'quote'>): PostForm {
  return {
    ...given,
    text: fields.text.peek().trim(),
    attachments: fields.attachments.peek(),
    visibility: fields.visibility.peek(),
    poll: fields.poll.peek(),
    contentWarning: fields.warning.peek() ?? '',
    replyPolicy: fields.replyPolicy.peek(),
    sensitive: fields.sensitive.peek(),
  };
}
