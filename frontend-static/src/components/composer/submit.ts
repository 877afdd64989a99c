/** Sending: saves an edit, schedules, or publishes at once. */
import { api } from '../../api';
import { ApiError } from '../../api/problem';
import { t } from '../../i18n';
import { newUlid } from '../../lib/id';
import { completePoll } from '../../lib/new-poll';
import { fullTime } from '../../lib/time';
import type { ComposerStart } from '../../state/composer';
import { cancelScheduledPost, loadScheduledPosts } from '../../state/drafts';
import { type PostForm, publishPost, savePostEdit, waitForContent } from '../../state/publish';
import { showError, showToast } from '../../state/toasts';

type Start = Pick<ComposerStart, 'editing' | 'scheduled'> | null;

/** @param publishAt local time, or '' to publish at once. @throws ApiError, or Error when an attachment was refused */
export async function submitForm(given: PostForm, start: Start, publishAt: string): Promise<void> {
  const form = { ...given, poll: given.poll && completePoll(given.poll) };
  if (start?.editing) {
    await savePostEdit(start.editing, form);
    showToast(t('edit.saved'));
  } else if (publishAt) await schedule(form, start, new Date(publishAt).toISOString());
  else {
    const post = await publishPost(form);
    if (start?.scheduled) await cancelScheduledPost(start.scheduled.id);
    const done = t(form.replyTo ? 'composer.replied' : 'composer.posted');
    showToast(done, { link: { href: `/posts/${post.id}`, label: t('composer.view') } });
  }
}

async function schedule(form: PostForm, start: Start, publishAt: string): Promise<void> {
  const before = start?.scheduled;
  const post = await waitForContent(form);
  await api.schedulePost(before?.id ?? newUlid(), { publishAt, post, ...(before ? { version: before.version } : {}) });
  const link = { href: '/drafts/scheduled', label: t('schedule.view') };
  showToast(t('schedule.done', fullTime(publishAt)), { link });
  void loadScheduledPosts();
}

export function showSubmitError(error: unknown, start: Start): void {
  if (start?.editing && error instanceof ApiError && error.status === 409)
    showToast(t('edit.stale'), { kind: 'error' });
  else showError(error);
}

export function submitLabel(start: Start, isLater: boolean, isReply: boolean): string {
  if (start?.editing) return t('edit.save');
  if (isLater) return start?.scheduled ? t('schedule.change') : t('schedule.submit');
  return isReply ? t('composer.reply') : t('composer.post');
}
