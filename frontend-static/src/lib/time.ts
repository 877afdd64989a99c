import { t } from '../i18n';
import { language } from '../state/settings';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Unit = 'seconds' | 'minutes' | 'hours' | 'days';

/** Seconds in their largest whole unit. */
function inUnits(seconds: number): [number, Unit] {
  if (seconds < MINUTE) return [seconds, 'seconds'];
  if (seconds < HOUR) return [Math.floor(seconds / MINUTE), 'minutes'];
  return seconds < DAY ? [Math.floor(seconds / HOUR), 'hours'] : [Math.floor(seconds / DAY), 'days'];
}

/**
 * "2m", "3h", 「2分」 … within a week, then the date; short enough for a post's header. The catalogue has the units: for
 * Japanese, `Intl` uses Latin letters in its narrow style ("2m") and a space in the others.
 */
export function shortTime(iso: string, now: number = Date.now()): string {
  const then = new Date(iso);
  const seconds = Math.max(0, Math.round((now - then.getTime()) / 1000));
  if (seconds > 7 * DAY) {
    const sameYear = then.getFullYear() === new Date(now).getFullYear();
    return then.toLocaleDateString(language.value, {
      month: 'short',
      day: 'numeric',
      ...(sameYear ? {} : { year: 'numeric' }),
    });
  }
  if (seconds < 5) return t('time.now');
  const [value, unit] = inUnits(seconds);
  return t(`time.${unit}`, value);
}

export function fullTime(iso: string): string {
  return new Date(iso).toLocaleString(language.value, { dateStyle: 'long', timeStyle: 'short' });
}

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(language.value, { hour: '2-digit', minute: '2-digit' });
}

export function dayName(iso: string): string {
  return new Date(iso).toLocaleDateString(language.value, { month: 'short', day: 'numeric', weekday: 'short' });
}

/** 1:05, 1:02:03. */
export function duration(ms: number): string {
  const total = Math.floor(ms / 1000);
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
}

export function compactNumber(value: number): string {
  return new Intl.NumberFormat(language.value, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** The time left, in its largest whole unit: "2 days", "5 minutes", 「2日」. */
export function timeUntil(iso: string, now: number = Date.now()): string {
  const [value, unit] = inUnits(Math.max(0, Math.ceil((new Date(iso).getTime() - now) / 1000)));
  return t(`duration.${unit}`, value);
}
