import '@fontsource-variable/figtree/wght.css';
import '@fontsource-variable/bricolage-grotesque/wght.css';
import './styles/index.css';
import { render } from 'preact';
import { App } from './app';
import { onSignIn, onSignOut, startSession, subject } from './auth/session';
import { Failure } from './components/feedback';
import { loadConfig } from './config';
import { t } from './i18n';
import { startRouter } from './router';
import { resetCalls, startCalls } from './state/calls';
import { resetChat, startChat } from './state/chat';
import { resetDrafts } from './state/drafts';
import { startInstall } from './state/install';
import { resetNotifications, startNotifications } from './state/notifications';
import { resetPeople } from './state/people';
import { announcePost, resetPosts } from './state/posts';
import { renewPush } from './state/push';
import { onServerEvent, startRealtime, stopRealtime } from './state/realtime';

function wire(): void {
  startInstall();
  startNotifications();
  startChat();
  startCalls();
  onServerEvent('timeline.posted', ({ postId, authorId }) => authorId !== subject.peek() && announcePost(postId));
  onSignIn(startRealtime);
  onSignIn(() => void renewPush().catch(() => undefined));
  onSignOut(() => {
    resetCalls(); // Hangs up while there is a connection to say it by.
    stopRealtime();
    resetChat();
    resetNotifications();
    resetPeople();
    resetPosts();
    resetDrafts();
  });
}

async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  try {
    await loadConfig();
  } catch (error) {
    render(
      <main>
        <Failure error={error} title={t('app.failed')} retry={() => location.reload()} />
      </main>,
      root,
    );
    return;
  }
  startRouter();
  wire();
  render(<App />, root);
  await startSession();
  if (import.meta.env.PROD)
    navigator.serviceWorker?.register('/sw.js').catch((error: unknown) => console.warn('service worker', error));
}

void start();
