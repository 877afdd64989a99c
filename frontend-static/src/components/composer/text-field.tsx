import type { Signal } from '@preact/signals';
import type { Ref } from 'preact';
import { t } from '../../i18n';
import { isComposing } from '../../lib/typing';

interface Props {
  field: Ref<HTMLTextAreaElement>;
  text: Signal<string>;
  isReply: boolean;
  autoFocus: boolean;
  disabled: boolean;
  onFiles: (files: File[]) => void;
  /** Called on Ctrl+Enter or Command+Enter. */
  onSend: () => void;
}

/** The text of a post, in a field that grows with it; also accepts pasted files. */
export function TextField({ field, text, isReply, autoFocus, disabled, onFiles, onSend }: Props) {
  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || isComposing(event)) return;
    event.preventDefault();
    onSend();
  };
  return (
    <div class="grow" data-value={text.value}>
      <textarea
        ref={field}
        rows={1}
        autofocus={autoFocus}
        value={text.value}
        disabled={disabled}
        placeholder={isReply ? t('composer.replyLabel') : t('composer.placeholder')}
        aria-label={isReply ? t('composer.replyLabel') : t('composer.label')}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
