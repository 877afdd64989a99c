/** Who can see a post, and who may reply to it. */
import type { Signal } from '@preact/signals';
import type { ReplyPolicy, Visibility } from '../../api/types';
import { t } from '../../i18n';
import { Icon } from '../icon';
import type { Fields } from './fields';

const VISIBILITIES: Visibility[] = ['public', 'unlisted', 'followers', 'mentioned'];
const POLICIES: ReplyPolicy[] = ['everyone', 'following', 'mentioned', 'nobody'];

interface Props {
  fields: Fields;
  isReply: boolean;
  disabled: boolean;
}

export function Audience({ fields, isReply, disabled }: Props) {
  return (
    <>
      <Icon name={fields.visibility.value === 'public' ? 'globe' : 'lock'} size={17} />
      <VisibilitySelect visibility={fields.visibility} disabled={disabled} />
      {!isReply && <ReplyPolicySelect policy={fields.replyPolicy} disabled={disabled} />}
    </>
  );
}

function VisibilitySelect({ visibility, disabled }: { visibility: Signal<Visibility>; disabled: boolean }) {
  return (
    <select
      class="select-quiet"
      aria-label={t('composer.visibility')}
      value={visibility.value}
      disabled={disabled}
      onChange={(event) => (visibility.value = event.currentTarget.value as Visibility)}>
      {VISIBILITIES.map((value) => (
        <option key={value} value={value}>
          {t(`post.visibility.${value}`)}
        </option>
      ))}
    </select>
  );
}

function ReplyPolicySelect({ policy, disabled }: { policy: Signal<ReplyPolicy>; disabled: boolean }) {
  return (
    <select
      class="select-quiet"
      aria-label={t('replyPolicy.label')}
      title={t('replyPolicy.label')}
      value={policy.value}
      disabled={disabled}
      onChange={(event) => (policy.value = event.currentTarget.value as ReplyPolicy)}>
      {POLICIES.map((value) => (
        <option key={value} value={value}>
          {t(`replyPolicy.option.${value}`)}
        </option>
      ))}
    </select>
  );
}
