/** Sign-in settings: e-mail address, password, and signing out everywhere. */
import { useState } from 'preact/hooks';
import { auth, email, refreshEmail, signOut } from '../auth/session';
import { t } from '../i18n';
import { authMessage, newPasswordMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { showToast } from '../state/toasts';
import { CodeField, NewPasswordField } from './credential-fields';
import { Dialog } from './dialog';
import { Field } from './fields';
import { MailboxLink } from './mailbox-link';

type Open = 'email' | 'password' | 'everywhere' | null;

export function AccountAccess() {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <section class="setting" aria-labelledby="account-title">
      <h2 id="account-title">{t('settings.account')}</h2>
      <p class="muted">{email.value}</p>
      <div class="button-row">
        <button type="button" class="button" onClick={() => setOpen('email')}>
          {t('access.email')}
        </button>
        <button type="button" class="button" onClick={() => setOpen('password')}>
          {t('access.password')}
        </button>
        <button type="button" class="button" onClick={() => void leave(false)}>
          {t('settings.signOut')}
        </button>
        <button type="button" class="button" onClick={() => setOpen('everywhere')}>
          {t('settings.signOutAll')}
        </button>
      </div>
      {open === 'email' && <EmailDialog onClose={close} />}
      {open === 'password' && <PasswordDialog onClose={close} />}
      {open === 'everywhere' && <EverywhereDialog onClose={close} />}
    </section>
  );
}

async function leave(everywhere: boolean): Promise<void> {
  await signOut(everywhere);
  navigate('/', { replace: true });
  showToast(t('auth.signedOut'));
}

interface DialogProps {
  onClose: () => void;
}

/** Asks for the new address, then for the code mailed to it. */
function EmailDialog({ onClose }: DialogProps) {
  const [address, setAddress] = useState('');
  const [code, setCode] = useState('');
  const [sent, setSent] = useState(false);
  const finish = async () => {
    await refreshEmail();
    onClose();
    showToast(t('access.emailChanged'));
  };
  const form = useForm(async () => {
    const library = await auth();
    if (sent) {
      await library.confirmNewEmail(code.trim());
      await finish();
    } else if (await library.changeEmail(address.trim())) setSent(true);
    else await finish();
  }, authMessage);
  const resend = () =>
    auth()
      .then((library) => library.resendEmailCode())
      .then(() => showToast(t('auth.resent')))
      .catch((error: unknown) => showToast(authMessage(error), { kind: 'error' }));
  return (
    <Dialog title={t('access.email')} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        <p>{sent ? t('auth.confirmLead', address.trim()) : t('access.emailLead', email.value)}</p>
        {sent ? (
          <>
            <MailboxLink />
            <CodeField value={code} onValue={setCode} />
            <button type="button" class="link-button" onClick={() => void resend()}>
              {t('auth.resend')}
            </button>
          </>
        ) : (
          <Field
            label={t('access.newEmail')}
            type="email"
            name="email"
            autoComplete="email"
            required
            value={address}
            onValue={setAddress}
          />
        )}
        <Answer
          error={form.error}
          busy={form.busy}
          onClose={onClose}
          action={sent ? 'auth.confirm' : 'auth.sendCode'}
        />
      </form>
    </Dialog>
  );
}

function PasswordDialog({ onClose }: DialogProps) {
  const [old, setOld] = useState('');
  const [chosen, setChosen] = useState('');
  const form = useForm(async () => {
    await (await auth()).changePassword(old, chosen);
    onClose();
    showToast(t('access.passwordChanged'));
  }, newPasswordMessage);
  return (
    <Dialog title={t('access.password')} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        <Field
          label={t('access.currentPassword')}
          type="password"
          name="current-password"
          autoComplete="current-password"
          required
          value={old}
          onValue={setOld}
        />
        <NewPasswordField value={chosen} onValue={setChosen} />
        <Answer error={form.error} busy={form.busy} onClose={onClose} action="app.save" />
      </form>
    </Dialog>
  );
}

function EverywhereDialog({ onClose }: DialogProps) {
  const form = useForm(() => leave(true), authMessage);
  return (
    <Dialog title={t('settings.signOutAll')} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        <p>{t('access.everywhereLead')}</p>
        <Answer error={form.error} busy={form.busy} onClose={onClose} action="settings.signOutAll" />
      </form>
    </Dialog>
  );
}

interface AnswerProps extends DialogProps {
  error: string | null;
  busy: boolean;
  action: 'auth.confirm' | 'auth.sendCode' | 'app.save' | 'settings.signOutAll';
}

/** The error, and the buttons. */
function Answer({ error, busy, onClose, action }: AnswerProps) {
  return (
    <>
      {error && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('app.cancel')}
        </button>
        <button type="submit" class="button button-primary" disabled={busy}>
          {t(action)}
        </button>
      </div>
    </>
  );
}
