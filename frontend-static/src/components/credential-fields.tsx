/** Fields for sign-up, confirmation and reset: the code from an e-mail, a new password. */
import { PASSWORD_LEAST, PASSWORD_MOST } from '../auth/password';
import { t } from '../i18n';
import { Field } from './fields';

interface ValueProps {
  value: string;
  onValue: (value: string) => void;
}

export function CodeField({ value, onValue }: ValueProps) {
  return (
    <Field
      label={t('auth.code')}
      name="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      pattern="[0-9]{6}"
      maxLength={6}
      required
      value={value}
      onValue={onValue}
    />
  );
}

/** `label` defaults to "New password". */
export function NewPasswordField({ value, onValue, label }: ValueProps & { label?: string }) {
  return (
    <Field
      label={label ?? t('auth.newPassword')}
      type="password"
      name="new-password"
      autoComplete="new-password"
      required
      minLength={PASSWORD_LEAST}
      maxLength={PASSWORD_MOST}
      hint={t('auth.passwordHint')}
      value={value}
      onValue={onValue}
    />
  );
}
