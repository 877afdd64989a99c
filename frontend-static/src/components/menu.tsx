import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isPhone, useBack } from '../lib/use-back';
import { Icon, type IconName } from './icon';

export interface MenuItem {
  icon: IconName;
  label: string;
  act: () => void;
  danger?: boolean;
  /** For a choice: whether it is the current value. Other items omit it. */
  checked?: boolean;
}

interface Props {
  label: string;
  items: MenuItem[];
  className?: string;
  onOpen?: () => void;
  children: ComponentChildren;
}

const ITEMS = '[role^=menuitem]';

/**
 * A button with a menu (WAI-ARIA menu button): arrow keys move; Escape, a click elsewhere and Back on a phone close it
 * and restore the focus.
 */
export function Menu({ label, items, className = 'icon-button', onOpen, children }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (refocus = false) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };
  useBack(() => close(true), open && isPhone());
  // In a layout effect, before paint: Escape may come at once, and a closing menu must not take the focus.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const list = box.current?.querySelector<HTMLElement>('[role=menu]');
    if (list) keepInView(list);
    box.current?.querySelector<HTMLElement>(ITEMS)?.focus({ preventScroll: true });
    const outside = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const onKey = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to = {
      ArrowDown: (now + 1) % all.length,
      ArrowUp: (now - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (event.key === 'Escape') close(true);
    else if (event.key === 'Tab') close();
    else if (to !== undefined) all[to]?.focus();
    if (event.key === 'Escape' || to !== undefined) event.preventDefault();
  };
  return (
    <span class="pop-box" ref={box}>
      <button
        ref={button}
        type="button"
        class={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}>
        {children}
      </button>
      {open && (
        <div class="pop" role="menu" id={id} aria-label={label} onKeyDown={onKey}>
          {items.map((item) => (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: only items with a role of a choice have it
            <button
              key={item.label}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.checked}
              tabIndex={-1}
              class={`pop-item ${item.danger ? 'is-danger' : ''}`}
              onClick={() => {
                close(true);
                item.act();
              }}>
              <Icon name={item.icon} size={19} />
              <span>{item.label}</span>
              {item.checked && <Icon name="check" size={17} />}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}

const MARGIN = 8;

/** Moves a menu that would exceed the window: sideways into it, or above its button. */
function keepInView(list: HTMLElement): void {
  const { bottom } = list.getBoundingClientRect();
  keepBetweenSides(list);
  // The bottom bar of a phone covers the page.
  const bar = document.querySelector('.bottom-bar')?.getBoundingClientRect();
  list.classList.toggle('is-above', bottom > (bar?.height ? bar.top : innerHeight) - MARGIN);
}

/** Moves an element that would exceed the window sideways into it. */
export function keepBetweenSides(list: HTMLElement): void {
  const { left, right } = list.getBoundingClientRect();
  const sideways = left < MARGIN ? MARGIN - left : Math.min(0, innerWidth - MARGIN - right);
  if (sideways) list.style.translate = `${sideways}px 0`;
}
