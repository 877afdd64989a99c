/** Files that become attachments: chosen, dropped or pasted. */
import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { MediaKind } from '../../api/types';
import { t } from '../../i18n';
import { showToast } from '../../state/toasts';
import { ACCEPTED_TYPES, type Attachment, attachFile, MEGABYTE, mediaKindOf, UPLOAD_LIMITS } from '../../state/uploads';
import { Icon, type IconName } from '../icon';

export const MEDIA_ICONS: readonly (readonly [MediaKind, IconName])[] = [
  ['photo', 'image'],
  ['video', 'film'],
  ['audio', 'wave'],
];

export function addFiles(attachments: Signal<Attachment[]>, files: Iterable<File>): void {
  for (const file of files) {
    const refusal = refuse(file, attachments.value);
    if (refusal) showToast(refusal, { kind: 'error' });
    else attachments.value = [...attachments.value, attachFile(file, mediaKindOf(file)!)];
  }
}

/** Why a file cannot be added, or null. Up to four photos, or one video, or one audio file. */
function refuse(file: File, present: Attachment[]): string | null {
  const kind = mediaKindOf(file);
  if (!kind) return t('composer.unsupportedType', file.name);
  if (file.size > UPLOAD_LIMITS[kind]) return t('composer.tooLarge', file.name, `${UPLOAD_LIMITS[kind] / MEGABYTE} MB`);
  const isFull =
    kind === 'photo' ? present.length >= 4 || present.some((item) => item.kind !== 'photo') : present.length > 0;
  return isFull ? t('composer.tooMany') : null;
}

interface PickerProps {
  kind: MediaKind;
  icon: IconName;
  disabled: boolean;
  onPick: (files: Iterable<File>) => void;
}

export function FilePicker({ kind, icon, disabled, onPick }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const label = t(`composer.add.${kind}`);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={label}
        title={label}
        disabled={disabled}
        onClick={() => input.current?.click()}>
        <Icon name={icon} />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        data-kind={kind}
        accept={ACCEPTED_TYPES[kind]}
        multiple={kind === 'photo'}
        onChange={(event) => {
          onPick([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
