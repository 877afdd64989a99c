/** Choosing files for a post. */
import { useRef } from 'preact/hooks';
import type { MediaKind } from '../../api/types';
import { t } from '../../i18n';
import { ACCEPTED_TYPES } from '../../state/uploads';
import { Icon, type IconName } from '../icon';

export const MEDIA_ICONS: readonly (readonly [MediaKind, IconName])[] = [
  ['photo', 'image'],
  ['video', 'film'],
  ['audio', 'wave'],
];

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
