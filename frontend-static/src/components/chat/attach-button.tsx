import { useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { ACCEPTED_TYPES } from '../../state/uploads';
import { Icon } from '../icon';

/** Selects files of any type that can be attached. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="icon-button" aria-label={t('chat.attach')} onClick={() => picker.current?.click()}>
        <Icon name="clip" />
      </button>
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        accept={Object.values(ACCEPTED_TYPES).join(',')}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
