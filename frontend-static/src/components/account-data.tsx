/** Your data: the export, and the deletion of the account. */
import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { account } from '../api/moderation';
import { ApiError } from '../api/problem';
import type { AccountExport } from '../api/types';
import { auth, email, profile, signOut } from '../auth/session';
import { t } from '../i18n';
import { authMessage, errorMessage } from '../i18n/errors';
import { fullTime } from '../lib/time';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { showError, showToast } from '../state/toasts';
import { Dialog } from './dialog';
import { Spinner } from './feedback';
import { Field } from './fields';

const POLL_MS = 2_000;

export function AccountData() {
  const deleting = useSignal(false);
  return (
    <>
      <section class="setting" aria-labelledby="export-title">
        <h2 id="export-title">{t('account.export')}</h2>
        <p class="muted">{t('account.exportHint')}</p>
        <Export />
      </section>
      <section class="setting" aria-labelledby="delete-title">
        <h2 id="delete-title">{t('account.delete')}</h2>
        <p class="muted">{t('account.deleteHint')}</p>
        <button type="button" class="button button-danger-quiet" onClick={() => (deleting.value = true)}>
          {t('account.delete')} …
        </button>
        {deleting.value && <DeleteDialog onClose={() => (deleting.value = false)} />}
      </section>
    </>
  );
}

function Export() {
  const [found, setFound] = useState<AccountExport | null>(null);
  const [busy, setBusy] = useState(false);
  const read = () => account.export().then((one) => setFound(one ?? null), showError);
  useEffect(() => {
    void read();
  }, []);
  useEffect(() => {
    if (found?.state !== 'requested') return;
    const timer = setInterval(() => void read(), POLL_MS);
    return () => clearInterval(timer);
  }, [found?.state]);
  const ask = async () => {
    setBusy(true);
    await account.requestExport().then(setFound, showError);
    setBusy(false);
  };
  const download = async () => {
    setBusy(true);
    await account.download().finally(() => setBusy(false));
  };
  if (found?.state === 'requested')
    return (
      <p role="status" class="with-spinner">
        <Spinner /> {t('account.exporting')}
      </p>
    );
  return (
    <>
      {found?.state === 'ready' && (
        <p role="status">
          {t(
            'account.exportReady',
            fullTime(found.readyAt ?? found.requestedAt),
            size(found.bytes),
            fullTime(found.expiresAt ?? ''),
          )}
        </p>
      )}
      {found?.state === 'failed' && (
        <p class="form-error" role="alert">
          {t('account.exportFailed')}
        </p>
      )}
      <div class="button-row">
        {found?.state === 'ready' && (
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void download().catch(showError)}>
            {t('account.download')}
          </button>
        )}
        <button type="button" class="button" disabled={busy} onClick={() => void ask()}>
          {found ? t('account.exportAgain') : t('account.exportStart')}
        </button>
      </div>
    </>
  );
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The password renews the token, which the API requires; typing the handle confirms the intention. */
function DeleteDialog({ onClose }: { onClose: () => void }) {
  const [handle, setHandle] = useState('');
  const [password, setPassword] = useState('');
  const own = profile.value?.handle ?? '';
  const form = useForm(
    async () => {
      await (await auth()).reauthenticate(email.value, password);
      await account.delete(handle.trim());
      await signOut(false).catch(() => undefined);
      navigate('/', { replace: true });
      showToast(t('account.deleted'));
    },
    (error) => (error instanceof ApiError ? errorMessage(error) : authMessage(error)),
  );
  return (
    <Dialog title={t('account.deleteConfirm')} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        <p>{t('account.deleteConfirmHint')}</p>
        <p class="notice">{t('account.deleteKept')}</p>
        <Field
          label={t('account.deleteHandle', own)}
          prefix="@"
          required
          autoComplete="off"
          value={handle}
          onValue={setHandle}
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
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button
            type="submit"
            class="button button-danger"
            disabled={form.busy || handle.trim().replace(/^@/, '').toLowerCase() !== own}>
            {t('account.deleteNow')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
