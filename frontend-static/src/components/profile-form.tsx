import { useState } from 'preact/hooks';
import { api } from '../api';
import { ApiError } from '../api/problem';
import type { Profile } from '../api/types';
import { setMe, subject } from '../auth/session';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { language } from '../state/settings';
import { Avatar } from './avatar';
import { Field, TextArea } from './fields';
import { Icon } from './icon';
import { type Picture, PictureInput, usePicture } from './picture-picker';
import { FieldsEditor } from './profile-fields';

/** Pictures, name, handle, bio and fields; used on the welcome page (without header and fields) and for editing. */
export function ProfileForm({
  initial,
  action,
  onSaved,
}: {
  initial: Profile | null;
  action: string;
  onSaved: (saved: Profile) => void;
}) {
  const [handle, setHandle] = useState(initial?.handle ?? '');
  const [displayName, setDisplayName] = useState(initial?.displayName ?? '');
  const [bio, setBio] = useState(initial?.bio ?? '');
  const [fields, setFields] = useState(initial?.fields ?? []);
  const [handleError, setHandleError] = useState<string | null>(null);
  const avatar = usePicture(initial?.avatarUrl ?? null);
  const header = usePicture(initial?.headerUrl ?? null);
  const form = useForm(async () => {
    setHandleError(null);
    const [avatarMediaId, headerMediaId] = await Promise.all([avatar.value(), header.value()]);
    try {
      const saved = await api.putMe({
        handle: handle.trim(),
        displayName: displayName.trim(),
        bio: bio.trim(),
        locale: language.value,
        ...(avatarMediaId === undefined ? {} : { avatarMediaId }),
        ...(headerMediaId === undefined ? {} : { headerMediaId }),
        ...(initial ? { fields: fields.filter((field) => field.name.trim() || field.value.trim()) } : {}),
      });
      setMe(saved);
      onSaved(saved);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      setHandleError(t('error.problem.handle-taken'));
    }
  }, errorMessage);
  return (
    <form class="stack" onSubmit={form.submit}>
      {initial && <HeaderPicker picture={header} />}
      <div class="avatar-picker">
        <Avatar
          of={{ id: subject.value, displayName: displayName || '?', avatarUrl: avatar.preview }}
          size={84}
          asGiven
        />
        <label class="button button-small picture-choose">
          <Icon name="image" size={18} /> {t('welcome.changeAvatar')}
          <PictureInput label={t('welcome.avatar')} picture={avatar} />
        </label>
        {avatar.preview && (
          <button
            type="button"
            class="button button-small"
            aria-label={t('profile.removeAvatar')}
            onClick={avatar.remove}>
            <Icon name="trash" size={18} />
          </button>
        )}
      </div>
      <Field
        label={t('welcome.displayName')}
        name="displayName"
        autoComplete="nickname"
        required
        maxLength={50}
        value={displayName}
        onValue={setDisplayName}
      />
      <Field
        label={t('welcome.handle')}
        name="handle"
        autoComplete="off"
        required
        pattern="[A-Za-z0-9_]{3,20}"
        maxLength={20}
        prefix="@"
        hint={t('welcome.handleHint')}
        error={handleError}
        value={handle}
        onValue={setHandle}
      />
      <TextArea label={t('welcome.bio')} maxLength={300} value={bio} onValue={setBio} />
      {initial && <FieldsEditor fields={fields} onChange={setFields} />}
      {form.error && (
        <p class="form-error" role="alert">
          {form.error}
        </p>
      )}
      <button type="submit" class="button button-primary button-wide" disabled={form.busy}>
        {form.busy ? t('app.loading') : action}
      </button>
    </form>
  );
}

function HeaderPicker({ picture }: { picture: Picture }) {
  return (
    <div
      class="header-picker"
      style={picture.preview ? { backgroundImage: `url("${encodeURI(picture.preview)}")` } : {}}>
      <label class="button button-small picture-choose">
        <Icon name="image" size={18} /> {t('profile.changeHeader')}
        <PictureInput label={t('profile.header')} picture={picture} />
      </label>
      {picture.preview && (
        <button
          type="button"
          class="button button-small"
          aria-label={t('profile.removeHeader')}
          onClick={picture.remove}>
          <Icon name="trash" size={18} />
        </button>
      )}
    </div>
  );
}
