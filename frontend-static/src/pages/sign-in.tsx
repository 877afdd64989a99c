import { useEffect, useState } from 'preact/hooks';
import { auth, enterSession, signOutReason } from '../auth/session';
import { Field } from '../components/fields';
import { t } from '../i18n';
import { authMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { navigate, nextPath, route } from '../router';
import { AuthFrame } from './auth-frame';

export function SignInPage() {
  const [email, setEmail] = useState(route.value.query.get('email') ?? '');
  const [password, setPassword] = useState('');
  useEffect(() => forgetReason, []);
  const form = useForm(async () => {
    const next = nextPath(route.value);
    const library = await auth();
    if ((await library.passwordSignIn(email.trim(), password)) === 'confirm') {
      navigate(`/confirm?email=${encodeURIComponent(email.trim())}`);
      return;
    }
    await enterSession();
    navigate(next, { replace: true });
  }, authMessage);
  return (
    <AuthFrame title={t('auth.signIn')}>
      {signOutReason.value === 'expired' && <p class="notice">{t('auth.expired')}</p>}
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
        <Field
          label={t('auth.password')}
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={form.busy}>
          {form.busy ? t('app.loading') : t('auth.signIn')}
        </button>
      </form>
      <p class="auth-links">
        <a href="/forgot">{t('auth.forgot')}</a>
      </p>
      <p class="auth-links muted">
        {t('auth.noAccount')} <a href="/sign-up">{t('landing.join')}</a>
      </p>
    </AuthFrame>
  );
}

/** The reason is shown once: it is cleared when the page is left. */
function forgetReason(): void {
  signOutReason.value = null;
}
