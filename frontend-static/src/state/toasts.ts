import { signal } from '@preact/signals';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { copyText } from '../lib/clipboard';

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
  link?: { href: string; label: string };
}

export const toasts = signal<Toast[]>([]);
let next = 1;

export function showToast(text: string, options: { kind?: 'info' | 'error'; link?: Toast['link'] } = {}): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-2), { id, text, kind: options.kind ?? 'info', link: options.link }];
  setTimeout(() => dismissToast(id), options.kind === 'error' ? 7000 : 4500);
}

export function showError(error: unknown): void {
  showToast(errorMessage(error), { kind: 'error' });
}

/** Copies text, and shows `done` only when it is in the clipboard. */
export async function copyAndSay(text: string, done: string): Promise<void> {
  if (await copyText(text)) showToast(done);
  else showToast(t('app.copyFailed'), { kind: 'error' });
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((item) => item.id !== id);
}
