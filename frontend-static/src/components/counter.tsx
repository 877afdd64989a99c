import { t } from '../i18n';
import { MAX_GRAPHEMES } from '../state/publish';

const RADIUS = 9;
const LENGTH = 2 * Math.PI * RADIUS;

/** A ring that fills with the text; near the limit it shows the number of characters left. */
export function Counter({ used }: { used: number }) {
  if (used === 0) return null;
  const left = MAX_GRAPHEMES - used;
  const label = left >= 0 ? t('composer.remainingCount', left) : t('composer.excessCount', -left);
  const level = left < 0 ? 'is-over' : left <= 40 ? 'is-near' : '';
  return (
    <span class={`counter ${level}`} role="img" aria-label={label} title={label}>
      <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r={RADIUS} class="counter-track" />
        <circle
          cx="12"
          cy="12"
          r={RADIUS}
          class="counter-fill"
          transform="rotate(-90 12 12)"
          stroke-dasharray={`${LENGTH * Math.min(1, used / MAX_GRAPHEMES)} ${LENGTH}`}
        />
      </svg>
      {left <= 40 && <span aria-hidden="true">{left}</span>}
    </span>
  );
}
