import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { isComposing } from '../../lib/typing';
import { useBack } from '../../lib/use-back';
import { Icon } from '../icon';

/** Up to this width the panel covers the thread (`chat.css`). */
const OVER = '(max-width: 1180px)';

/**
 * Beside the thread on wide screens; over it on a phone, where Back closes it. Escape closes it; it takes the focus.
 */
export function Panel({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLElement>(null);
  useBack(onClose, useRef(matchMedia(OVER).matches).current);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    (box.current?.querySelector<HTMLElement>('input') ?? box.current?.querySelector<HTMLElement>('h2'))?.focus();
    return () => before?.focus();
  }, []);
  // If the panel opened a dialog, Escape closes only the dialog.
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !isComposing(event) && !(event.target as Element).closest('dialog')) onClose();
  };
  return (
    <aside ref={box} class="chat-panel" aria-label={title} onKeyDown={onKey}>
      <header class="page-head">
        <h2 tabIndex={-1}>{title}</h2>
        <span class="spacer" />
        <button type="button" class="icon-button" aria-label={t('app.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="chat-panel-body">{children}</div>
    </aside>
  );
}
