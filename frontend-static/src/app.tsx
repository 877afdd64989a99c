import type { VNode } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { me, session, signOutReason } from './auth/session';
import { CallWindow } from './components/call/call-window';
import { ComposerDialog } from './components/composer/composer-dialog';
import { Connectivity } from './components/connectivity';
import { Spinner } from './components/feedback';
import { OnAir } from './components/live/on-air';
import { Logo } from './components/logo';
import { PushOffer } from './components/push-offer';
import { BottomBar, PhoneTop, Rail } from './components/rail';
import { ReportDialog } from './components/report-dialog';
import { Sidebar } from './components/sidebar';
import { StandingBanner } from './components/standing';
import { Toasts } from './components/toasts';
import { t } from './i18n';
import { BlockedPage } from './pages/blocked';
import { BookmarksPage } from './pages/bookmarks';
import { CallsPage } from './pages/calls';
import { ConfirmPage } from './pages/confirm';
import { DraftsPage } from './pages/drafts';
import { type Engaged, EngagedPage } from './pages/engaged';
import { FollowRequestsPage } from './pages/follow-requests';
import { ForgotPage } from './pages/forgot';
import { HomePage } from './pages/home';
import { JoinPage } from './pages/join';
import { LandingPage } from './pages/landing';
import { ListPage, ListsPage } from './pages/lists';
import { MessagesPage } from './pages/messages';
import { MutedPage } from './pages/muted';
import { NotFoundPage } from './pages/not-found';
import { NotificationSettingsPage } from './pages/notification-settings';
import { NotificationsPage } from './pages/notifications';
import { PeoplePage } from './pages/people';
import { PersonPage } from './pages/person';
import { PostPage } from './pages/post';
import { ProfilePage } from './pages/profile';
import { SearchPage } from './pages/search';
import { SettingsPage } from './pages/settings';
import { SignInPage } from './pages/sign-in';
import { SignUpPage } from './pages/sign-up';
import { TagPage } from './pages/tag';
import { WelcomePage } from './pages/welcome';
import { navigate, nextPath, type PageName, type Route, route } from './router';
import { hasLive } from './state/lives';
import { online } from './state/online';

const ArchitecturePage = lazy(() => import('./pages/architecture').then((module) => module.ArchitecturePage));
const GoLivePage = lazy(() => import('./pages/go-live').then((module) => module.GoLivePage));
const LivePage = lazy(() => import('./pages/live').then((module) => module.LivePage));
const CasePage = lazy(() => import('./pages/moderation').then((module) => module.CasePage));
const ModerationPage = lazy(() => import('./pages/moderation').then((module) => module.ModerationPage));
const OpsPage = lazy(() => import('./pages/ops').then((module) => module.OpsPage));

/** Pages with their own frame. */
const BARE: Partial<Record<PageName, () => VNode>> = {
  'sign-in': () => <SignInPage />,
  'sign-up': () => <SignUpPage />,
  confirm: () => <ConfirmPage />,
  forgot: () => <ForgotPage />,
  welcome: () => <WelcomePage />,
};

/** The API requires sign-in for everything but its status, so visitors see only these pages inside the shell. */
const OPEN: ReadonlySet<PageName> = new Set(['architecture', 'settings', 'not-found']);

function moderationTab(name: string | undefined): 'open' | 'closed' | 'log' {
  return name === 'closed' || name === 'log' ? name : 'open';
}

function page({ name, params }: Route): VNode {
  switch (name) {
    case 'home':
    case 'public':
      return <HomePage which={name} key={name} />;
    case 'post':
      return <PostPage id={params.id!} key={params.id} />;
    case 'post-likes':
    case 'post-reposts':
    case 'post-reactions':
    case 'post-quotes':
      return <EngagedPage id={params.id!} which={name.slice('post-'.length) as Engaged} />;
    case 'bookmarks':
      return <BookmarksPage />;
    case 'tag':
      return <TagPage tag={params.tag!} />;
    case 'profile':
      return <ProfilePage handle={params.handle!} key={params.handle} />;
    case 'person':
      return <PersonPage id={params.id!} key={params.id} />;
    case 'followers':
    case 'following':
      return <PeoplePage handle={params.handle!} which={name} />;
    case 'search':
      return <SearchPage />;
    case 'notifications':
      return <NotificationsPage />;
    case 'calls':
      return <CallsPage />;
    case 'messages':
      return <MessagesPage id={null} />;
    case 'conversation':
      return <MessagesPage id={params.id!} />;
    case 'join':
      return <JoinPage token={params.token!} key={params.token} />;
    case 'go-live':
      return hasLive() ? <GoLivePage /> : <NotFoundPage />;
    case 'live':
      return hasLive() ? <LivePage id={params.id!} key={params.id} /> : <NotFoundPage />;
    case 'drafts':
    case 'scheduled':
      return <DraftsPage which={name} key={name} />;
    case 'notification-settings':
      return <NotificationSettingsPage />;
    case 'settings':
      return <SettingsPage />;
    case 'moderation':
      return <ModerationPage tab={moderationTab(params.tab)} />;
    case 'moderation-case':
      return <CasePage kind={params.kind!} id={params.id!} key={`${params.kind}:${params.id}`} />;
    case 'follow-requests':
      return <FollowRequestsPage />;
    case 'blocked':
      return <BlockedPage />;
    case 'muted':
      return <MutedPage kind="people" />;
    case 'muted-words':
      return <MutedPage kind="words" />;
    case 'muted-threads':
      return <MutedPage kind="threads" />;
    case 'lists':
      return <ListsPage />;
    case 'list':
      return <ListPage id={params.id!} which="posts" />;
    case 'list-members':
      return <ListPage id={params.id!} which="members" />;
    case 'architecture':
      return <ArchitecturePage />;
    case 'ops':
      return <OpsPage />;
    default:
      return <NotFoundPage />;
  }
}

/** Where a person in this sign-in state is redirected, or null. */
function redirect(name: PageName): string | null {
  const bare = name in BARE;
  if (session.value === 'out') {
    if (name === 'welcome' || (name === 'home' && signOutReason.value)) return '/sign-in';
    return bare || name === 'home' || OPEN.has(name)
      ? null
      : `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  }
  if (me.value === 'missing') return name === 'welcome' ? null : '/welcome';
  return bare && me.value !== null ? nextPath(route.value) : null;
}

export function App() {
  const current = route.value;
  const target = session.value === 'loading' ? null : redirect(current.name);
  useEffect(() => {
    if (target) navigate(target, { replace: true });
  }, [target]);
  useEffect(() => {
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [current.path]);
  return (
    <>
      {session.value === 'in' && <CallWindow />}
      {session.value === 'loading' || target ? <Splash /> : <Page current={current} />}
    </>
  );
}

function Page({ current }: { current: Route }) {
  const bare = BARE[current.name];
  return (
    <>
      <a class="skip" href="#main">
        {t('app.skip')}
      </a>
      {bare ? (
        bare()
      ) : current.name === 'home' && session.value === 'out' ? (
        <LandingPage />
      ) : (
        <Shell current={current} />
      )}
      <Toasts />
    </>
  );
}

function Splash() {
  return (
    <div class="splash">
      <Logo size={64} />
      <Spinner />
    </div>
  );
}

const WIDE: ReadonlySet<PageName> = new Set(['messages', 'conversation', 'live', 'architecture', 'ops']);

function Shell({ current }: { current: Route }) {
  const wide = WIDE.has(current.name);
  return (
    <div class={`shell ${wide ? 'shell-wide' : ''} page-${current.name}`}>
      <Rail />
      <PhoneTop />
      <main id="main" class="column">
        {current.name === 'conversation' && !online.value && <Connectivity />}
        <StandingBanner />
        <Suspense
          fallback={
            <div class="splash">
              <Spinner />
            </div>
          }>
          {page(current)}
        </Suspense>
        {current.name !== 'conversation' && (
          <div class="offline-place">
            <Connectivity />
          </div>
        )}
      </main>
      {!wide && session.value === 'in' && <Sidebar />}
      <OnAir />
      <BottomBar />
      <ComposerDialog />
      <ReportDialog />
      <PushOffer />
    </div>
  );
}
