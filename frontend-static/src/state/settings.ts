/** What a person chose for this browser: language and theme. */
import { effect, signal } from '@preact/signals';

export type Language = 'ja' | 'en';
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'asyncsns.settings';

function stored(): { language?: Language; theme?: Theme } {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as { language?: Language; theme?: Theme };
  } catch {
    return {};
  }
}

const initial = stored();

export const language = signal<Language>(initial.language ?? (navigator.language.startsWith('ja') ? 'ja' : 'en'));
export const theme = signal<Theme>(initial.theme ?? 'system');

effect(() => {
  const root = document.documentElement;
  root.lang = language.value;
  if (theme.value === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme.value;
});

function save(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ language: language.value, theme: theme.value }));
  } catch {
    // Private mode: the choice lasts for this page only.
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
