/** What a post may have besides its text: a warning, who may reply, what it quotes. */
import type { ReplyPolicy } from '../api/post-types';
import type { Post } from '../api/types';
import { t } from '../i18n';
import { Icon } from './icon';
import { QuoteCard } from './post-parts';

/** Grapheme clusters. */
export const WARNING_LIMIT = 200;
const POLICIES: ReplyPolicy[] = ['everyone', 'following', 'mentioned', 'nobody'];

export function WarningField({
  value,
  change,
  disabled,
}: {
  value: string;
  change: (value: string) => void;
  disabled: boolean;
}) {
  return (
    <input
      class="input input-small warning-field"
      value={value}
      disabled={disabled}
      aria-label={t('warning.label')}
      placeholder={t('warning.placeholder')}
      onInput={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
    />
  );
}

export function SensitiveBox({
  checked,
  change,
  disabled,
}: {
  checked: boolean;
  change: (on: boolean) => void;
  disabled: boolean;
}) {
  return (
    <label class="sensitive-box">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      <Icon name="eyeOff" size={18} />
      <span>{t('sensitive.mark')}</span>
    </label>
  );
}

export function PolicySelect({
  value,
  change,
  disabled,
}: {
  value: ReplyPolicy;
  change: (value: ReplyPolicy) => void;
  disabled: boolean;
}) {
  return (
    <select
      class="select-quiet"
      aria-label={t('replyPolicy.label')}
      title={t('replyPolicy.label')}
      value={value}
      disabled={disabled}
      onChange={(event) => change(event.currentTarget.value as ReplyPolicy)}>
      {POLICIES.map((policy) => (
        <option key={policy} value={policy}>
          {t(`replyPolicy.option.${policy}`)}
        </option>
      ))}
    </select>
  );
}

export function QuotePreview({ post }: { post: Post }) {
  return (
    <QuoteCard quote={{ postId: post.id, state: 'shown', post: { ...post, quoteOf: post.quote?.postId ?? null } }} />
  );
}
