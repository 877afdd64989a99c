/** The parts of a post besides its text. */
import type { Post } from '../../api/types';
import { t } from '../../i18n';
import { completePoll } from '../../lib/new-poll';
import { Icon } from '../icon';
import { QuoteCard } from '../post-parts';
import type { Fields } from './fields';
import { PollEditor } from './poll-editor';
import { SchedulePicker } from './schedule-picker';

interface Props {
  fields: Fields;
  disabled: boolean;
}

export function WarningField({ fields: { warning }, disabled }: Props) {
  if (warning.value === null) return null;
  return (
    <input
      class="input input-small warning-field"
      value={warning.value}
      disabled={disabled}
      aria-label={t('warning.label')}
      placeholder={t('warning.placeholder')}
      onInput={(event) => (warning.value = event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
    />
  );
}

/** For photos and videos: audio is never blurred. */
export function SensitiveBox({ fields: { attachments, sensitive }, disabled }: Props) {
  if (attachments.value.every((item) => item.kind === 'audio')) return null;
  return (
    <label class="sensitive-box">
      <input
        type="checkbox"
        checked={sensitive.value}
        disabled={disabled}
        onChange={(event) => (sensitive.value = event.currentTarget.checked)}
      />
      <Icon name="eyeOff" size={18} />
      <span>{t('sensitive.mark')}</span>
    </label>
  );
}

export function QuotePreview({ post }: { post: Post }) {
  return (
    <QuoteCard quote={{ postId: post.id, state: 'shown', post: { ...post, quoteOf: post.quote?.postId ?? null } }} />
  );
}

export function PollPart({ fields: { poll }, disabled }: Props) {
  if (!poll.value) return null;
  return (
    <>
      <PollEditor
        poll={poll.value}
        change={(next) => (poll.value = next)}
        remove={() => (poll.value = null)}
        disabled={disabled}
      />
      {!completePoll(poll.value) && <p class="field-hint">{t('poll.incomplete')}</p>}
    </>
  );
}

export function SchedulePart({ fields: { publishAt }, disabled }: Props) {
  if (!publishAt.value) return null;
  return (
    <SchedulePicker
      value={publishAt.value}
      change={(value) => (publishAt.value = value)}
      clear={() => (publishAt.value = '')}
      disabled={disabled}
    />
  );
}
