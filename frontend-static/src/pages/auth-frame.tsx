import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { LanguageSwitch } from '../components/language-switch';
import { Wordmark } from '../components/logo';
import { setPageTitle } from '../lib/title';

/** The plain frame around sign-in, sign-up and similar pages. */
export function AuthFrame({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  useEffect(() => {
    setPageTitle(`${title} · asyncsns`);
  }, [title]);
  return (
    <div class="auth">
      <header class="auth-top">
        <a href="/" aria-label="asyncsns">
          <Wordmark />
        </a>
        <LanguageSwitch />
      </header>
      <main id="main" class="auth-card">
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p class="muted">{lead}</p>}
        {children}
      </main>
    </div>
  );
}
