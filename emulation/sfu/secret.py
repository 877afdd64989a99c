"""The secret of Janus, derived from the one that the calls context signs tokens with. Standard library only."""

from __future__ import annotations

import hashlib
import hmac

SOCKET = "janus.sock"


def of_janus(secret: str) -> str:
    """``api_secret`` of Janus: derived, so that the secret that signs tokens does not open Janus itself."""
    return hmac.new(secret.encode(), b"janus", hashlib.sha256).hexdigest()
