import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isComposing } from '../../lib/typing';
import { isMinimised } from '../../state/call-view';
import { CallControls } from './call-controls';
import { CallSettings } from './call-settings';

interface Props {
  label: string;
  className: string;
  /** The window is on the screen, and by what is returned no longer: a microphone is never live without it. */
  show: () => () => void;
  /** The button that ends the call for this page. */
  leave: JSX.Element;
  /** What tests and styles tell calls apart by. */
  mark: { [attribute: `data-${string}`]: string };
  children: ComponentChildren;
}

/**
 * The call of this device, of two or of a group: a window over the page or, minimised, a bar below it. It is never
 * modal, because people read on, write and move about while they talk. Escape minimises; nothing but `leave` ends it.
 */
export function CallFrame({ label, className, show, leave, mark, children }: Props) {
  const ref = useRef<HTMLElement>(null);
  const [settings, setSettings] = useState(false);
  const small = isMinimised.value;
  useLayoutEffect(show, []);
  useReturnOfFocus(ref);
  useEscape(() => {
    if (settings) setSettings(false);
    else isMinimised.value = true;
  }, !small);
  useBarSpace(small);
  return (
    <section
      ref={ref}
      class={`call ${className} ${small ? 'is-bar' : ''}`}
      role={small ? 'region' : 'dialog'}
      aria-label={label}
      tabIndex={-1}
      {...mark}>
      {children}
      {settings && !small && <CallSettings close={() => setSettings(false)} />}
      <CallControls settings={settings} toggleSettings={() => setSettings(!settings)} leave={leave} />
    </section>
  );
}

/** The window takes the focus that its call was begun with, and gives it back when the call is over. */
function useReturnOfFocus(ref: { current: HTMLElement | null }): void {
  useEffect(() => {
    const before = document.activeElement;
    const panel = ref.current!;
    panel.focus();
    return () => {
      if (panel.contains(document.activeElement) && before instanceof HTMLElement) before.focus();
    };
  }, []);
}

/** Escape that nothing else wants: a menu or a dialog above the page comes first. */
function useEscape(act: () => void, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const onKey = (event: KeyboardEvent) => {
      const isTaken = isComposing(event) || event.defaultPrevented || document.querySelector('dialog[open]');
      if (event.key === 'Escape' && !isTaken) act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** Pages keep a strip free for the bar (`styles/call-bar.css`). */
function useBarSpace(isBar: boolean): void {
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute('data-call-bar', isBar);
    return () => document.documentElement.removeAttribute('data-call-bar');
  }, [isBar]);
}
