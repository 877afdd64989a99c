// A medium has one spelling: folders and a name of unreserved characters, none of them encoded.
// CloudFront chooses the behaviour by the normalized path, keeps copies and checks signatures by the path as sent, and
// S3 decodes it. So another spelling could reach the same object under another behaviour, or leave a copy that no
// invalidation names.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
var PLAIN = /^\/media(\/[A-Za-z0-9_-][A-Za-z0-9._~-]*)+$/;

function handler(event) {
  if (PLAIN.test(event.request.uri)) {
    return event.request;
  }
  return { statusCode: 403, statusDescription: 'Forbidden' };
}
