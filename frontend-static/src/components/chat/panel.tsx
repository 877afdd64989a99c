import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { Icon } from '../icon';

/** Beside the thread on wide screens, over it on a phone. Escape closes it; focus goes in. */
export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    (box.current?.querySelector<HTMLElement>('input') ?? box.current?.querySelector<HTMLElement>('h2'))?.focus();
    return () => before?.focus();
  }, []);
  return (
    <aside ref={box} class="chat-panel" aria-label={title} onKeyDown={(event) => { if (event.key === 'Escape') onClose(); }}>
      <header class="page-head"><h2 tabIndex={-1}>{title}</h2><span class="spacer" /><button type="button" class="icon-button" aria-label={t('app.close')} onClick={onClose}><Icon name="close" /></button></header>
      <div class="chat-panel-body">{children}</div>
    </aside>
  );
}
