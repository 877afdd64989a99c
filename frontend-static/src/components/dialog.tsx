import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icon';

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Fills the screen of a phone. */
  full?: boolean;
  className?: string;
}

/** A modal on the browser's own <dialog>: focus stays inside, Escape closes, focus returns. */
export function Dialog({ title, onClose, children, full = false, className = '' }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  // Before anything of the dialog is there: a field in it that takes focus would count as what had it before.
  const before = useRef(document.activeElement);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before.current instanceof HTMLElement) before.current.focus();
    };
  }, []);
  return (
    <dialog ref={ref} class={`dialog ${full ? 'dialog-full' : ''} ${className}`} aria-label={title}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => event.target === ref.current && onClose()}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label={t('app.close')} onClick={onClose}><Icon name="close" /></button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
