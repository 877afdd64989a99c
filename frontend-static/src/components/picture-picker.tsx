/** Selects a picture, which is uploaded at once and used when the form is saved. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { showToast } from '../state/toasts';
import { ACCEPTED_TYPES, type Attachment, attachFile, MEGABYTE, mediaKindOf, UPLOAD_LIMITS } from '../state/uploads';

export interface Picture {
  /** The picture to show: the chosen file, or the current picture. */
  preview: string | null;
  choose: (file: File | undefined) => void;
  remove: () => void;
  /** The form's value: an id, null to remove the picture, undefined to leave it. @throws when the upload failed. */
  value: () => Promise<string | null | undefined>;
}

export function usePicture(initial: string | null): Picture {
  const upload = useRef<Attachment | null>(null);
  const [preview, setPreview] = useState(initial);
  useEffect(() => () => upload.current?.cancel(), []);
  const choose = (file: File | undefined) => {
    if (!file) return;
    if (mediaKindOf(file) !== 'photo') return showToast(t('composer.unsupportedType', file.name), { kind: 'error' });
    if (file.size > UPLOAD_LIMITS.photo)
      return showToast(t('composer.tooLarge', file.name, `${UPLOAD_LIMITS.photo / MEGABYTE} MB`), { kind: 'error' });
    upload.current?.cancel();
    upload.current = attachFile(file, 'photo');
    setPreview(upload.current.preview);
  };
  const remove = () => {
    upload.current?.cancel();
    upload.current = null;
    setPreview(null);
  };
  const value = async () => (upload.current ? (await upload.current.done).id : preview === initial ? undefined : null);
  return { preview, choose, remove, value };
}

/** A picture's file input, to be placed in a label; the same file can be selected again after its removal. */
export function PictureInput({ label, picture }: { label: string; picture: Picture }) {
  return (
    <input
      type="file"
      class="visually-hidden"
      accept={ACCEPTED_TYPES.photo}
      aria-label={label}
      onChange={(event) => {
        picture.choose(event.currentTarget.files?.[0]);
        event.currentTarget.value = '';
      }}
    />
  );
}
