/** Installation as an app: Chromium signals when it can be offered; iOS offers it only in its own menu. */
import { computed, signal } from '@preact/signals';

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
  readonly userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export type InstallState = 'installed' | 'ready' | 'ios' | 'other';

const offer = signal<InstallPrompt | null>(null);
const installed = signal(isStandalone());

function isStandalone(): boolean {
  const ios = (navigator as Navigator & { standalone?: boolean }).standalone === true;
  return ios || (globalThis.matchMedia?.('(display-mode: standalone)').matches ?? false);
}

export const installState = computed<InstallState>(() => {
  if (installed.value) return 'installed';
  if (offer.value) return 'ready';
  return /iPhone|iPad/.test(navigator.userAgent) ? 'ios' : 'other';
});

export function startInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    // Suppresses the browser's own banner, because the settings have a button.
    event.preventDefault();
    offer.value = event as InstallPrompt;
  });
  addEventListener('appinstalled', () => {
    installed.value = true;
    offer.value = null;
  });
}

export async function installApp(): Promise<void> {
  const prompt = offer.value;
  if (!prompt) return;
  await prompt.prompt();
  // A prompt can be used only once.
  offer.value = null;
  installed.value ||= (await prompt.userChoice).outcome === 'accepted';
}
