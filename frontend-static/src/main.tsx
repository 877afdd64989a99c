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
import { startBroadcasts, stopBroadcast } from './state/broadcast';
import { startCallAttention } from './state/call-attention';
import { startCalls } from './state/call-events';
import { resetCallHistory, startCallHistory } from './state/call-history';
import { resetCalls } from './state/calls';
import { resetChat, startChat } from './state/chat';
import { closeComposer, openSavedContent } from './state/composer';
import { resetDrafts } from './state/drafts';
import { startInstall } from './state/install';
import { resetLiveChats, startLiveChats } from './state/live-chat';
import { resetLives, startLives, watchRunningLives } from './state/lives';
import { resetNotifications, startNotifications } from './state/notifications';
import { resetPeople } from './state/people';
import { announcePost, resetPosts } from './state/posts';
import { renewPush } from './state/push';
import { onServerEvent, startRealtime, stopRealtime } from './state/realtime';
import { resetRooms, startRooms } from './state/room';
import { startRoomResume } from './state/room-resume';
import { showToast } from './state/toasts';
import { takeUnsent } from './state/unsent';

function wire(): void {
  startInstall();
  startNotifications();
  startChat();
  startCalls();
  startRooms();
  startRoomResume();
  startCallAttention();
  startCallHistory();
  startLives();
  watchRunningLives();
  startLiveChats();
  startBroadcasts();
  onServerEvent('timeline.posted', ({ postId, authorId }) => authorId !== subject.peek() && announcePost(postId));
  onSignIn(startRealtime);
  onSignIn(() => void renewPush().catch(() => undefined));
  onSignIn(() => {
    const unsent = takeUnsent(subject.peek());
    if (!unsent) return;
    void openSavedContent(unsent.content, unsent.draft ? { draft: unsent.draft } : {});
    showToast(t('composer.unsentKept'));
  });
  onSignOut(() => {
    resetRooms();
    stopBroadcast();
    resetCalls(); // Hangs up while the connection is still open.
    stopRealtime();
    resetCallHistory();
    resetLives();
    resetLiveChats();
    resetChat();
    resetNotifications();
    resetPeople();
    resetPosts();
    resetDrafts();
    closeComposer();
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
