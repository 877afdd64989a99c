/** A small router: the URL determines the page; same-origin links are followed without a reload. */
import { computed, signal } from '@preact/signals';
import { entry, leavePage, showPage, startOverlays } from './lib/overlays';

export type PageName =
  | 'post-likes'
  | 'post-reposts'
  | 'post-reactions'
  | 'post-quotes'
  | 'bookmarks'
  | 'home'
  | 'public'
  | 'post'
  | 'tag'
  | 'profile'
  | 'followers'
  | 'following'
  | 'search'
  | 'notifications'
  | 'messages'
  | 'calls'
  | 'conversation'
  | 'join'
  | 'go-live'
  | 'live'
  | 'settings'
  | 'notification-settings'
  | 'moderation'
  | 'moderation-case'
  | 'architecture'
  | 'ops'
  | 'sign-in'
  | 'sign-up'
  | 'confirm'
  | 'follow-requests'
  | 'blocked'
  | 'muted'
  | 'muted-words'
  | 'muted-threads'
  | 'lists'
  | 'list'
  | 'list-members'
  | 'person'
  | 'drafts'
  | 'scheduled'
  | 'forgot'
  | 'welcome'
  | 'not-found';

export interface Route {
  name: PageName;
  params: Record<string, string>;
  query: URLSearchParams;
  path: string;
}

const PATTERNS: readonly (readonly [PageName, string])[] = [
  ['home', '/'],
  ['public', '/public'],
  ['post', '/posts/:id'],
  ['post-likes', '/posts/:id/likes'],
  ['post-reposts', '/posts/:id/reposts'],
  ['post-reactions', '/posts/:id/reactions'],
  ['post-quotes', '/posts/:id/quotes'],
  ['bookmarks', '/bookmarks'],
  ['tag', '/tags/:tag'],
  ['followers', '/@:handle/followers'],
  ['following', '/@:handle/following'],
  ['profile', '/@:handle'],
  ['person', '/users/:id'],
  ['search', '/search'],
  ['notifications', '/notifications'],
  ['calls', '/calls'],
  ['messages', '/messages'],
  ['conversation', '/messages/:id'],
  ['join', '/join/:token'],
  ['go-live', '/live'],
  ['live', '/live/:id'],
  ['drafts', '/drafts'],
  ['scheduled', '/drafts/scheduled'],
  ['settings', '/settings'],
  ['moderation', '/moderation'],
  ['moderation', '/moderation/:tab'],
  ['moderation-case', '/moderation/cases/:kind/:id'],
  ['notification-settings', '/settings/notifications'],
  ['blocked', '/settings/blocked'],
  ['muted', '/settings/muted'],
  ['muted-words', '/settings/muted/words'],
  ['muted-threads', '/settings/muted/threads'],
  ['follow-requests', '/follow-requests'],
  ['lists', '/lists'],
  ['list', '/lists/:id'],
  ['list-members', '/lists/:id/members'],
  ['architecture', '/architecture'],
  ['ops', '/ops'],
  ['sign-in', '/sign-in'],
  ['sign-up', '/sign-up'],
  ['confirm', '/confirm'],
  ['forgot', '/forgot'],
  ['welcome', '/welcome'],
];

const COMPILED = PATTERNS.map(([name, pattern]) => ({
  name,
  pattern: new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`),
}));

export function matchRoute(path: string, search = ''): Route {
  const query = new URLSearchParams(search);
  for (const { name, pattern } of COMPILED) {
    const match = pattern.exec(path);
    if (match) return { name, params: decodeAll(match.groups ?? {}), query, path };
  }
  return { name: 'not-found', params: {}, query, path };
}

function decodeAll(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, safeDecode(value)]));
}

function safeDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const address = signal(`${location.pathname}${location.search}`);

export const route = computed<Route>(() => {
  const [path = '/', search = ''] = address.value.split('?');
  return matchRoute(path, search);
});

/**
 * The path, query and fragment of a URL of this site; `/` for any other URL. The result begins with exactly one slash
 * and contains no backslash, so that no browser can resolve it to another site, whatever a link or a push contains.
 */
export function pathOfOurs(address: string): string {
  const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
  if (url?.origin !== location.origin) return '/';
  return `/${url.pathname.replace(/^[/\\]+/, '')}${url.search}${url.hash}`;
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const url = new URL(pathOfOurs(to), location.origin);
  const next = `${url.pathname}${url.search}`;
  showPage(url, Boolean(options.replace) || next === address.value);
  address.value = next;
  window.scrollTo(0, 0);
}

/** Goes back if the previous page was of this app, otherwise to a parent page. */
export function back(fallback: string): void {
  if ((entry().depth ?? 0) > 0) leavePage();
  else navigate(fallback, { replace: true });
}

/** The page to show after signing in. */
export function nextPath({ query }: Route): string {
  return pathOfOurs(query.get('next') ?? '/');
}

export function startRouter(): void {
  history.scrollRestoration = 'manual';
  startOverlays(({ scroll = 0 }) => {
    const now = `${location.pathname}${location.search}`;
    // Only overlays were closed; the page is the same.
    if (now === address.value) return;
    address.value = now;
    requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, scroll)));
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    if (link.target || link.origin !== location.origin || link.hasAttribute('download') || link.hash) return;
    if (link.pathname.startsWith('/media/')) return;
    event.preventDefault();
    navigate(link.href);
  });
  navigator.serviceWorker?.addEventListener('message', (event: MessageEvent<{ type?: string; url?: string }>) => {
    if (event.data?.type === 'navigate' && event.data.url) navigate(event.data.url);
  });
}
