// Service worker of asyncsns: opens the shell offline, shows pushes as notifications, and opens a notification's page
// on click. It never caches the API and media: HTTP caching at the CDN covers them.
const CACHE = 'asyncsns-shell-2';
const MAX_ASSETS = 120;
const SHELL = [
  '/',
  '/config.json',
  '/icon.svg',
  '/icon-192.png',
  '/badge-96.png',
  '/theme.js',
  '/manifest.webmanifest',
];

/**
 * Requests that the fetch listener below ignores. Chromium is told as static routes, so that it does not start the
 * worker for them, and the last requests of a closing page (`keepalive`) are not lost in the worker.
 */
const PAST_THE_WORKER = [
  ...['/v1/*', '/v2/*', '/media/*'].map((pathname) => ({ urlPattern: { pathname } })),
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map((requestMethod) => ({ requestMethod })),
];

self.addEventListener('install', (event) => {
  // Other browsers have no static routes, and do without.
  event.addRoutes?.(PAST_THE_WORKER.map((condition) => ({ condition, source: 'network' }))).catch(() => undefined);
  event.waitUntil(precache().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** Caches the shell and the hashed files that index.html references; lazy chunks are cached at their first use. */
async function precache() {
  const cache = await caches.open(CACHE);
  await Promise.all(SHELL.map((url) => cache.add(new Request(url, { cache: 'reload' })).catch(() => undefined)));
  const page = await cache.match('/');
  if (!page) return;
  const assets = (await page.text()).match(/\/assets\/[\w.-]+/g) ?? [];
  await Promise.all([...new Set(assets)].map((url) => cache.add(url).catch(() => undefined)));
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (/^\/(v1|v2|media)\//.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(networkFirst(request, '/'));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(cacheFirst(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(networkFirst(request, url.pathname));
});

async function networkFirst(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(key, response.clone());
    return response;
  } catch (error) {
    const cached = await cache.match(key);
    if (cached) return cached;
    throw error;
  }
}

async function cacheFirst(request) {
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request);
  if (cached) return cached;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    await trim(cache);
  }
  return response;
}

/** Deletes files of old builds, oldest first. */
async function trim(cache) {
  const assets = (await cache.keys()).filter((request) => new URL(request.url).pathname.startsWith('/assets/'));
  await Promise.all(assets.slice(0, Math.max(0, assets.length - MAX_ASSETS)).map((request) => cache.delete(request)));
}

self.addEventListener('push', (event) => {
  const payload = readPayload(event.data);
  if (payload.close) {
    event.waitUntil(close(payload.tag));
    return;
  }
  event.waitUntil(
    Promise.all([
      self.registration.showNotification(payload.title, {
        body: payload.body,
        icon: '/icon-192.png',
        badge: '/badge-96.png',
        tag: payload.tag,
        silent: payload.silent === true,
        // A ringing call's notification stays until the call is answered or over.
        requireInteraction: payload.ring === true,
        data: { url: payload.url },
      }),
      // A dot: only the app knows the exact count.
      self.navigator.setAppBadge?.().catch(() => undefined),
    ]),
  );
});

/** Closes notifications whose subject is gone or was read on another device. */
async function close(tag) {
  const shown = await self.registration.getNotifications();
  shown.filter((one) => one.tag === tag).forEach((one) => one.close());
  if (shown.every((one) => one.tag === tag)) await self.navigator.clearAppBadge?.().catch(() => undefined);
}

/** The pusher sends JSON `{title, body, url, tag}`; other data give a notification that opens the list. */
function readPayload(data) {
  const fallback = { title: 'asyncsns', body: '', url: '/notifications', tag: 'asyncsns' };
  if (!data) return fallback;
  try {
    return { ...fallback, ...data.json() };
  } catch {
    return { ...fallback, body: data.text() };
  }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.url ?? '/notifications', self.location.origin);
  const url = target.origin === self.location.origin ? target.href : self.location.origin;
  event.waitUntil(openOrFocus(url));
});

async function openOrFocus(url) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const existing = windows[0];
  if (!existing) return self.clients.openWindow(url);
  await existing.focus();
  existing.postMessage({ type: 'navigate', url });
}
