"""Limits of a WebSocket API, which the WebTransport server keeps too.

Source: "Quotas for configuring and running a WebSocket API in API Gateway".
"""

from __future__ import annotations

#: Bytes of a frame and of a message.
FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024
#: Seconds of a connection: without a message, and in all.
IDLE_SECONDS = 600.0
LIFETIME_SECONDS = 7200.0
