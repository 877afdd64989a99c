// A page of the single-page app has no file of its own: every page is /index.html. An address that is no page gets 404.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/writing-function-code.html
// The pages are those of frontend-static/src/router.ts; tests/infra/test_pages.py holds the two together.
var PAGES = new RegExp('^/(' + [
  '', 'public', 'posts/[^/]+(/(likes|reposts|reactions|quotes))?', 'bookmarks', 'tags/[^/]+',
  '@[^/]+(/(followers|following))?', 'users/[^/]+', 'search', 'notifications', 'calls', 'messages(/[^/]+)?',
  'join/[^/]+', 'live(/[^/]+)?', 'drafts(/scheduled)?', 'settings(/(notifications|blocked|muted(/(words|threads))?))?',
  'moderation(/[^/]+|/cases/[^/]+/[^/]+)?', 'follow-requests', 'lists(/[^/]+(/members)?)?', 'architecture', 'ops',
  'sign-in', 'sign-up', 'confirm', 'forgot', 'welcome'
].join('|') + ')/?$');
// What ends like a file is the bucket's to answer for.
var FILES = /\/[^/]+\.[A-Za-z0-9]+$/;

var NOT_FOUND = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>404 · asyncsns</title>' +
  '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg">' +
  '<link rel="stylesheet" href="/not-found.css"></head><body><main><h1>This page does not exist</h1>' +
  '<p>The address may be wrong, or what was here has been deleted. <a href="/">Go to asyncsns</a></p>' +
  '<section lang="ja"><h2>このページは見つかりません</h2>' +
  '<p>アドレスが間違っているか、削除された可能性があります。<a href="/">asyncsns へ</a></p></section></main></body></html>';

function handler(event) {
  var request = event.request;
  if (PAGES.test(request.uri)) {
    request.uri = '/index.html';
    return request;
  }
  if (FILES.test(request.uri)) {
    return request;
  }
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
      'content-security-policy': { value: "default-src 'none'; style-src 'self'; img-src 'self'" }
    },
    body: { encoding: 'text', data: NOT_FOUND }
  };
}
