import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../components/icon';
import { t } from '../i18n';
import { nameOf } from './boxes';
import type { Step } from './replay';

const STEP_MS = 1500;

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
  return (
    <section class="architecture-player" aria-label={t('architecture.replay')}>
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
              {nameOf(one.from)} → {nameOf(one.to)}: {one.what}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function told(step: Step, at: number, all: number): string {
  const where = `${nameOf(step.from)} → ${nameOf(step.to)}`;
  const failed = step.failed ? ` · ${t('architecture.withErrors')}` : '';
  return `${at + 1}/${all} · ${where} · ${step.what} · ${t('architecture.after', step.at, step.takes)}${failed}`;
}
