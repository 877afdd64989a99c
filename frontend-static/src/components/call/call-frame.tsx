import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isComposing } from '../../lib/typing';
import { isMinimised } from '../../state/call-view';
import { CallControls } from './call-controls';
import { CallSettings } from './call-settings';

interface Props {
  label: string;
  className: string;
  /**
   * Registers that the window is on the screen; the returned function unregisters it. A microphone is never live
   * without it.
   */
  show: () => () => void;
  /** The button that leaves the call on this page. */
  leave: JSX.Element;
  /** Attributes by which tests and styles distinguish calls. */
  mark: { [attribute: `data-${string}`]: string };
  children: ComponentChildren;
}

/**
 * The call on this device, of two people or a group: a window over the page or, minimised, a bar below it. It is never
 * modal, because people read, write and navigate during a call. Escape minimises; only `leave` ends the call.
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

/** The window takes the focus when the call begins, and returns it when the call is over. */
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

/** Escape that nothing else handles: a menu or a dialog above the page comes first. */
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

/** Pages reserve space for the bar (`styles/call-bar.css`). */
function useBarSpace(isBar: boolean): void {
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute('data-call-bar', isBar);
    return () => document.documentElement.removeAttribute('data-call-bar');
  }, [isBar]);
}
