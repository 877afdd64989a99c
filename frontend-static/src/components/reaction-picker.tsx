import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { graphemes } from '../lib/entities';
import { isComposing } from '../lib/typing';
import { isPhone, useBack } from '../lib/use-back';
import { Icon } from './icon';

const QUICK = ['👍', '🎉', '😂', '😮', '😢', '🙏', '🔥', '👀', '💯', '🫶'];

/** A button that opens a row of emoji, with a field for any other. */
export function ReactionPicker({ mine, pick }: { mine: string | null; pick: (emoji: string) => void }) {
  const [open, setOpen] = useState(false);
  const [other, setOther] = useState('');
  const id = useId();
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector<HTMLElement>('.reaction-choice')?.focus();
    const outside = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useBack(close, open && isPhone());
  const choose = (emoji: string) => {
    setOther('');
    close();
    pick(emoji);
  };
  const fits = graphemes(other.trim()) === 1 && /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(other);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of what it holds
    <span
      class="pop-box"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open && !isComposing(event)) {
          event.preventDefault();
          close();
        }
      }}>
      <button
        ref={button}
        type="button"
        class={`action ${mine ? 'is-on' : ''}`}
        aria-label={mine ? t('reaction.yours', mine) : t('reaction.react')}
        title={t('reaction.react')}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}>
        {mine ? (
          <span class="reaction-mine" aria-hidden="true">
            {mine}
          </span>
        ) : (
          <Icon name="smile" size={19} />
        )}
      </button>
      {open && (
        <div class="pop reaction-box" role="dialog" id={id} aria-label={t('reaction.react')}>
          <div class="reaction-choices">
            {QUICK.map((emoji) => (
              <button
                key={emoji}
                type="button"
                class={`reaction-choice ${emoji === mine ? 'is-on' : ''}`}
                aria-pressed={emoji === mine}
                aria-label={emoji}
                onClick={() => choose(emoji)}>
                {emoji}
              </button>
            ))}
          </div>
          <form
            class="reaction-other"
            onSubmit={(event) => {
              event.preventDefault();
              if (fits) choose(other.trim());
            }}>
            <input
              class="input input-small"
              value={other}
              maxLength={32}
              aria-label={t('reaction.other')}
              placeholder={t('reaction.other')}
              onInput={(event) => setOther(event.currentTarget.value)}
            />
            <button type="submit" class="button" disabled={!fits}>
              {t('reaction.send')}
            </button>
          </form>
          {mine && (
            <button type="button" class="pop-item" onClick={() => choose(mine)}>
              <Icon name="close" size={17} />
              {t('reaction.takeBack')}
            </button>
          )}
        </div>
      )}
    </span>
  );
}
