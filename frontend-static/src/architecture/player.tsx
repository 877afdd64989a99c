import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../components/icon';
import { t } from '../i18n';
import { nameOf } from './boxes';
import type { Step } from './replay';

const STEP_MS = 1500;
/** Height of the page's own head, under which a box is covered. */
const HEAD_PX = 64;

interface Props {
  steps: readonly Step[];
  at: number;
  go: (at: number) => void;
  close: () => void;
}

/** Replays one action step by step: with buttons, the list, or automatically. */
export function Player({ steps, at, go, close }: Props) {
  const playing = useSignal(false);
  useEffect(() => {
    if (!playing.value) return undefined;
    if (at >= steps.length - 1) {
      playing.value = false;
      return undefined;
    }
    const timer = setTimeout(() => go(at + 1), STEP_MS);
    return () => clearTimeout(timer);
  }, [playing.value, at, steps.length]);
  const step = steps[at];
  const player = useRef<HTMLElement>(null);
  // The list of traces is below the diagram: without this, a reader on any but a tall screen sees no step happen.
  useEffect(() => player.current?.focus({ preventScroll: true }), [steps]);
  useEffect(() => reveal(player.current!), [steps, at]);
  return (
    <section class="architecture-player" aria-label={t('architecture.replay')} ref={player} tabIndex={-1}>
      <header>
        <h2>{t('architecture.replay')}</h2>
        <button type="button" class="icon-button" aria-label={t('architecture.endReplay')} onClick={close}>
          <Icon name="close" size={19} />
        </button>
      </header>
      <p aria-live="polite">{step ? told(step, at, steps.length) : t('architecture.noSteps')}</p>
      <div class="architecture-controls">
        <button type="button" class="button button-small" disabled={at === 0} onClick={() => go(at - 1)}>
          {t('architecture.previous')}
        </button>
        <button type="button" class="button button-small" disabled={at >= steps.length - 1} onClick={() => go(at + 1)}>
          {t('architecture.next')}
        </button>
        <button
          type="button"
          class="button button-small"
          aria-pressed={playing.value}
          onClick={() => {
            if (!playing.value && at >= steps.length - 1) go(0);
            playing.value = !playing.value;
          }}>
          {playing.value ? t('architecture.pause') : t('architecture.play')}
        </button>
      </div>
      <ol class="architecture-steps">
        {steps.map((one, index) => (
          <li key={`${one.at} ${one.what} ${index}`}>
            <button
              type="button"
              class={`link-button ${one.failed ? 'architecture-failed' : ''}`}
              aria-current={index === at ? 'step' : undefined}
              onClick={() => go(index)}>
              {way(one)}: {one.what}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Scrolls to this step in the list and to its box, if it is outside the window or behind the player. */
function reveal(player: HTMLElement): void {
  const now = player.querySelector<HTMLElement>('[aria-current=step]');
  const list = player.querySelector<HTMLElement>('.architecture-steps');
  if (now && list) list.scrollTop = now.offsetTop - list.offsetTop - list.clientHeight / 2;
  const box = document.querySelector('.diagram-box.is-now');
  if (!box) return;
  const { top, bottom, left, right } = box.getBoundingClientRect();
  const end = player.getBoundingClientRect().top;
  // To the middle of what the page's head and the player leave, which is above the middle of the window.
  if (top < HEAD_PX || bottom > end) scrollBy(0, (top + bottom) / 2 - (HEAD_PX + end) / 2);
  if (left < 0 || right > innerWidth) box.closest('.diagram-scroll')?.scrollBy((left + right) / 2 - innerWidth / 2, 0);
}

function way(step: Step): string {
  if (step.from) return `${nameOf(step.from)} → ${nameOf(step.to)}`;
  return t(step.isOrphan ? 'architecture.noParent' : 'architecture.begins', nameOf(step.to));
}

function told(step: Step, at: number, all: number): string {
  const where = way(step);
  const failed = step.failed ? ` · ${t('architecture.withErrors')}` : '';
  return `${at + 1}/${all} · ${where} · ${step.what} · ${t('architecture.after', step.at, step.takes)}${failed}`;
}
