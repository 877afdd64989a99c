"""A push service for closed networks: takes Web Push as those of the browsers' makers do, and shows what came.

It checks what they check (RFC 8030, VAPID of RFC 8292, encryption of RFC 8291) and answers as they answer: 201, 400,
401, 403, 404, 410, 413, 429. Behind it sit virtual browsers, whose keys it holds, so that it can decrypt and show what
a service worker would get; and Firefox, which subscribes by Mozilla's own protocol and decrypts by itself.
"""
