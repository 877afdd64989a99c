import { useRef, useState } from 'preact/hooks';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Profile } from '../api/types';
import { me, subject } from '../auth/session';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { language } from '../state/settings';
import { toast } from '../state/toasts';
import { ACCEPT, attach, kindOf, LIMITS, MEGABYTE, type Attachment } from '../state/uploads';
import { Avatar } from './avatar';
import { Field, TextArea } from './fields';
import { Icon } from './icon';

/** Handle, name, bio and picture; used on the welcome page and for editing. */
export function ProfileForm({ initial, action, onSaved }: { initial: Profile | null; action: string; onSaved: (saved: Profile) => void }) {
  const [handle, setHandle] = useState(initial?.handle ?? '');
  const [displayName, setDisplayName] = useState(initial?.displayName ?? '');
  const [bio, setBio] = useState(initial?.bio ?? '');
  const [handleError, setHandleError] = useState<string | null>(null);
  const picture = useRef<Attachment | null>(null);
  const [preview, setPreview] = useState<string | null>(initial?.avatarUrl ?? null);
  const form = useForm(async () => {
    setHandleError(null);
    const media = picture.current ? await picture.current.done : null;
    try {
      const saved = await api.putMe({ handle: handle.trim(), displayName: displayName.trim(), bio: bio.trim(), locale: language.value, ...(media ? { avatarMediaId: media.id } : {}) });
      me.value = saved;
      onSaved(saved);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      setHandleError(t('problem.handle-taken'));
    }
  }, errorMessage);
  const choose = (file: File | undefined) => {
    if (!file) return;
    if (kindOf(file) !== 'photo') return toast(t('composer.badType', file.name), { kind: 'error' });
    if (file.size > LIMITS.photo) return toast(t('composer.tooBig', file.name, `${LIMITS.photo / MEGABYTE} MB`), { kind: 'error' });
    picture.current?.cancel();
    picture.current = attach(file, 'photo');
    setPreview(picture.current.preview);
  };
  return (
    <form class="stack" onSubmit={form.submit}>
      <label class="avatar-picker">
        <Avatar of={{ id: subject.value, displayName: displayName || '?', avatarUrl: preview }} size={84} />
        <span class="button button-small"><Icon name="image" size={18} /> {t('welcome.changeAvatar')}</span>
        <input type="file" class="visually-hidden" accept={ACCEPT.photo} aria-label={t('welcome.avatar')} onChange={(event) => choose(event.currentTarget.files?.[0])} />
      </label>
      <Field label={t('welcome.displayName')} name="displayName" autoComplete="nickname" required maxLength={50} value={displayName} onValue={setDisplayName} />
      <Field label={t('welcome.handle')} name="handle" autoComplete="off" required pattern="[A-Za-z0-9_]{3,20}" maxLength={20} prefix="@" hint={t('welcome.handleHint')} error={handleError} value={handle} onValue={setHandle} />
      <TextArea label={t('welcome.bio')} maxLength={300} value={bio} onValue={setBio} />
      {form.error && <p class="form-error" role="alert">{form.error}</p>}
      <button class="button button-primary button-wide" disabled={form.busy}>{form.busy ? t('app.loading') : action}</button>
    </form>
  );
}
