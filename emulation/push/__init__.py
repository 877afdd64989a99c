"""A push service for closed networks: accepts Web Push as the browser vendors' services do, and lists received pushes.

It makes the same checks (RFC 8030, VAPID of RFC 8292, encryption of RFC 8291) with the same statuses: 201, 400, 401,
403, 404, 410, 413, 429. Behind it sit virtual browsers, whose keys it holds, so that it can decrypt and show the
messages that a service worker would get; and Firefox, which subscribes by Mozilla's own protocol and decrypts by
itself.
"""
