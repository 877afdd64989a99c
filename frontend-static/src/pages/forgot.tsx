import { useState } from 'preact/hooks';
import { auth } from '../auth/session';
import { CodeField, NewPasswordField } from '../components/credential-fields';
import { Field } from '../components/fields';
import { MailboxLink } from '../components/mailbox-link';
import { t } from '../i18n';
import { authMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { showToast } from '../state/toasts';
import { AuthFrame } from './auth-frame';

export function ForgotPage() {
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState(false);
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(async () => {
    const library = await auth();
    if (!sent) {
      await library.requestReset(email.trim());
      setSent(true);
      return;
    }
    await library.confirmReset(email.trim(), code.trim(), password);
    showToast(t('auth.resetDone'));
    navigate(`/sign-in?email=${encodeURIComponent(email.trim())}`, { replace: true });
  }, authMessage);
  const resend = () =>
    auth()
      .then((library) => library.requestReset(email.trim()))
      .then(() => showToast(t('auth.resent')))
      .catch((error: unknown) => showToast(authMessage(error), { kind: 'error' }));
  return (
    <AuthFrame title={t('auth.forgotTitle')} lead={sent ? t('auth.forgotSent', email.trim()) : t('auth.forgotLead')}>
      {sent && <MailboxLink />}
      <form class="stack" onSubmit={form.submit}>
        {!sent && (
          <Field
            label={t('auth.email')}
            type="email"
            name="email"
            autoComplete="username"
            required
            value={email}
            onValue={setEmail}
          />
        )}
        {sent && (
          <>
            <CodeField value={code} onValue={setCode} />
            <NewPasswordField value={password} onValue={setPassword} />
          </>
        )}
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={form.busy}>
          {sent ? t('app.save') : t('auth.sendCode')}
        </button>
      </form>
      {sent && (
        <p class="auth-links">
          <button type="button" class="link-button" onClick={() => void resend()}>
            {t('auth.resend')}
          </button>
        </p>
      )}
      <p class="auth-links">
        <a href="/sign-in">{t('auth.signIn')}</a>
      </p>
    </AuthFrame>
  );
}
