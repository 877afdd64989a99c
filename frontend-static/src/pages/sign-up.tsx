import { useState } from 'preact/hooks';
import { rememberPassword } from '../auth/pending';
import { auth } from '../auth/session';
import { NewPasswordField } from '../components/credential-fields';
import { Field } from '../components/fields';
import { t } from '../i18n';
import { authMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { AuthFrame } from './auth-frame';

export function SignUpPage() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(async () => {
    const address = email.trim();
    await (await auth()).register(address, password);
    rememberPassword(address, password);
    navigate(`/confirm?email=${encodeURIComponent(address)}`);
  }, authMessage);
  return (
    <AuthFrame title={t('auth.signUp')} lead={t('app.tagline')}>
      <form class="stack" onSubmit={form.submit}>
        <Field
          label={t('auth.email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onValue={setEmail}
        />
        <NewPasswordField label={t('auth.password')} value={password} onValue={setPassword} />
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={form.busy}>
          {form.busy ? t('app.loading') : t('auth.continue')}
        </button>
      </form>
      <p class="auth-links muted">
        {t('auth.haveAccount')} <a href="/sign-in">{t('auth.signIn')}</a>
      </p>
    </AuthFrame>
  );
}
