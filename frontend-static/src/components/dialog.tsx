import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { useBack } from '../lib/use-back';
import { CallStrip } from './call/call-strip';
import { Icon } from './icon';

interface Props {
  title: string;
  onClose: () => void;
  /** Called on Back, if that differs from closing; false: the dialog stays open. */
  onBack?: () => boolean | void;
  children: ComponentChildren;
  /** Fills a phone's screen. */
  full?: boolean;
  className?: string;
}

/** A modal on the browser's <dialog>: it traps the focus, closes with Escape and Back, and restores the focus. */
export function Dialog({ title, onClose, onBack = onClose, children, full = false, className = '' }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  // Read before the dialog renders: a field in it that takes the focus would count as the previously focused element.
  const before = useRef(document.activeElement);
  const closing = useRef(onClose);
  closing.current = onClose;
  useBack(onBack);
  useEffect(() => {
    const dialog = ref.current!;
    const unasked = () => reopen(dialog, closing.current);
    dialog.showModal();
    dialog.addEventListener('close', unasked);
    return () => {
      dialog.removeEventListener('close', unasked);
      dialog.close();
      if (before.current instanceof HTMLElement) before.current.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop, for which keyboards have Escape
    <dialog
      ref={ref}
      class={`dialog ${full ? 'dialog-full' : ''} ${className}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}>
      <div class="dialog-body">
        <CallStrip />
        <header class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label={t('app.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/**
 * Browsers close a dialog without asking when Escape is pressed repeatedly: this asks, and reopens the dialog after a
 * refusal.
 */
function reopen(dialog: HTMLDialogElement, onClose: () => void): void {
  onClose();
  requestAnimationFrame(() => {
    if (dialog.isConnected && !dialog.open) dialog.showModal();
  });
}
