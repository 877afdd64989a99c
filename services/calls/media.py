"""Tokens for the media server (SFU): short-lived, for one room, only for pages in the call.

The media server knows no people. The token is a JWT (RFC 7519, HS256) by the secret that both share; its claims are
described in ``emulation/sfu/tokens.py``. A page in the room gets a new token with each heartbeat, and its sessions end
with its last token: a person who is removed from the group is out within a minute, whatever their page does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.calls.room_resources import MediaTicket
from services.calls.rooms import MESH_LIMIT, Place, Room
from services.common.clock import to_text
from services.common.lazy_dataclasses import dataclass
from services.common.media_tokens import signed

#: How long a token counts. A page says that it is there every 6 seconds.
TOKEN_LIFETIME = timedelta(seconds=60)
#: Each page decodes the pictures of all others: this is what a laptop does.
SFU_LIMIT = 12


@dataclass(frozen=True)
class MediaServer:
    """``url`` of WHIP and WHEP, empty where there is none; ``secret`` is read when a token is made."""

    url: str = ""
    secret: Callable[[], str] = str

    @property
    def limit(self) -> int:
        """The maximum number of people in a group call."""
        return SFU_LIMIT if self.url else MESH_LIMIT

    def ticket(self, room: Room, place: Place, moment: datetime) -> MediaTicket | None:
        """The pass for the page of this place; none when the room's media go from browser to browser."""
        if room.path != "sfu" or not self.url:
            return None
        expires = (moment + TOKEN_LIFETIME).replace(microsecond=0)
        claims = {"room": room.id, "page": place.session, "feed": place.session, "exp": int(expires.timestamp())}
        return {"url": self.url, "token": signed(claims, self.secret()), "expiresAt": to_text(expires)}
