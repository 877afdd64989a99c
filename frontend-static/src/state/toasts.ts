import { signal } from '@preact/signals';
import { errorMessage } from '../i18n/errors';

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

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((item) => item.id !== id);
}
