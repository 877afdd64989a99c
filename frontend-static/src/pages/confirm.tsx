import { useState } from 'preact/hooks';
import { takePassword } from '../auth/pending';
import { auth, enterSession } from '../auth/session';
import { CodeField } from '../components/credential-fields';
import { MailboxLink } from '../components/mailbox-link';
import { t } from '../i18n';
import { authMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { navigate, route } from '../router';
import { showToast } from '../state/toasts';
import { AuthFrame } from './auth-frame';

/** Enters the code from the e-mail; after a sign-up, the person is signed in. */
export function ConfirmPage() {
  const email = route.value.query.get('email') ?? '';
  const [code, setCode] = useState('');
  const form = useForm(async () => {
    const library = await auth();
    await library.confirmEmail(email, code.trim());
    const password = takePassword(email);
    if (!password || (await library.passwordSignIn(email, password)) !== 'done') {
      showToast(t('auth.confirmed'));
      navigate(`/sign-in?email=${encodeURIComponent(email)}`, { replace: true });
      return;
    }
    await enterSession();
    navigate('/welcome', { replace: true });
  }, authMessage);
  const resend = async () => {
    try {
      if (await (await auth()).resendCode(email)) {
        showToast(t('auth.resent'));
        return;
      }
      showToast(t('auth.confirmed'));
      navigate(`/sign-in?email=${encodeURIComponent(email)}`, { replace: true });
    } catch (error) {
      showToast(authMessage(error), { kind: 'error' });
    }
  };
  return (
    <AuthFrame title={t('auth.confirmTitle')} lead={t('auth.confirmLead', email)}>
      <MailboxLink />
      <form class="stack" onSubmit={form.submit}>
        <CodeField value={code} onValue={setCode} />
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={form.busy}>
          {form.busy ? t('app.loading') : t('auth.confirm')}
        </button>
      </form>
      <p class="auth-links">
        <button type="button" class="link-button" onClick={() => void resend()}>
          {t('auth.resend')}
        </button>
      </p>
    </AuthFrame>
  );
}
