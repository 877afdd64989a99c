/** Settings of this browser: language, theme, real-time carrier. */
import { effect, signal } from '@preact/signals';
import type { CarrierName } from '../realtime/carrier';

export type Language = 'ja' | 'en';
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'asyncsns.settings';

interface Stored {
  language?: Language;
  theme?: Theme;
  carrier?: CarrierName;
}

function stored(): Stored {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Stored;
  } catch {
    return {};
  }
}

const initial = stored();

export const language = signal<Language>(initial.language ?? (navigator.language.startsWith('ja') ? 'ja' : 'en'));
export const theme = signal<Theme>(initial.theme ?? 'system');
export const carrierChoice = signal<CarrierName>(initial.carrier ?? 'websocket');

effect(() => {
  const root = document.documentElement;
  root.lang = language.value;
  if (theme.value === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.value;
});

function save(): void {
  try {
    localStorage.setItem(
      KEY,
      JSON.stringify({ language: language.value, theme: theme.value, carrier: carrierChoice.value } satisfies Stored),
    );
  } catch {
    // Private mode: the choice is kept for this page only.
  }
}

export function setLanguage(next: Language): void {
  language.value = next;
  save();
}

export function setTheme(next: Theme): void {
  theme.value = next;
  save();
}

export function setCarrierChoice(next: CarrierName): void {
  carrierChoice.value = next;
  save();
}
