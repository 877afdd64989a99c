"""Commands of hosts and viewers on broadcasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.common.clock import now, to_text
from services.common.errors import Conflict, FieldError, Forbidden, LiveRunning
from services.common.ids import derived_id, new_id
from services.common.lazy_dataclasses import dataclass
from services.common.people import SocialGraph
from services.common.text import clean
from services.live.looking import LiveLook
from services.live.media_server import LiveMedia, LivePass
from services.live.message_repository import LiveMessageRepository
from services.live.model import (
    MESSAGE_LIMIT,
    TITLE_LIMIT,
    Broadcast,
    LiveAudience,
    LiveMessage,
    LiveState,
    not_there,
)
from services.live.repository import LiveRepository


@dataclass
class LiveCommands:
    """Each raises LiveUnavailable without a media server, and NotFound when the caller may not see the broadcast."""

    lives: LiveRepository
    messages: LiveMessageRepository
    graph: SocialGraph
    media: LiveMedia
    look: LiveLook
    clock: Callable[[], datetime] = now

    def start(self, host_id: str, client_id: str, title: str, audience: LiveAudience) -> tuple[Broadcast, LivePass]:
        """Start a broadcast, which waits for its host's media. The same ``client_id`` gives the same broadcast.

        Raises:
            BadRequest: the title.
            LiveRunning: another broadcast of theirs is not over.
            LiveOver: that of this ``client_id`` is.
        """
        self.media.check()
        live_id = derived_id("live", host_id, client_id)
        text = clean("title", title, limit=TITLE_LIMIT)
        live = Broadcast(live_id, host_id, text, audience, LiveState.WAITING, to_text(self.clock()))
        if not self.lives.begin(live):
            found = self.lives.get(live_id)
            if found is None:
                raise self._other_runs(host_id)
            live = found
        return self._for_host(live, program=False)

    def _other_runs(self, host_id: str) -> Conflict:
        other = self.lives.current_id(host_id)
        if other is None:
            return Conflict("The broadcast is changing right now; try again.")
        fault = FieldError("liveId", "no other running broadcast", other)
        return LiveRunning("You have another broadcast that has not ended. End it first: its id is in `errors`.", fault)

    def ingest(self, host_id: str, live_id: str, *, program: bool) -> LivePass:
        """A newer token for the host; also reads the media server's state of the broadcast.

        Raises:
            LiveOver.
            Forbidden: somebody else's broadcast.
        """
        live = self.seen_by(host_id, live_id)
        if live.host_id != host_id:
            raise Forbidden("Only the host can send to a broadcast.")
        _, given = self._for_host(live, program=program)
        return given

    def _for_host(self, live: Broadcast, *, program: bool) -> tuple[Broadcast, LivePass]:
        live.check_running()
        live = self.look.at(live.id) or live
        live.check_running()
        return live, self.media.ingest(live.id, program=program)

    def watch(self, viewer_id: str, live_id: str, session: str) -> tuple[Broadcast, LivePass]:
        """A page starts or continues to watch. Raises: LiveOver."""
        live = self.seen_by(viewer_id, live_id)
        live.check_running()
        if viewer_id != live.host_id:
            self.lives.watch(live_id, viewer_id, session, self.clock())
        return live, self.media.viewing(live_id, viewer_id, session)

    def leave(self, viewer_id: str, live_id: str, session: str) -> None:
        """A page stops watching; no effect when it did not watch."""
        self.seen_by(viewer_id, live_id)
        self.lives.leave(live_id, viewer_id, session)

    def end(self, user_id: str, live_id: str, *, moderates: bool) -> Broadcast:
        """End a broadcast, as its host or a moderator; no effect when it is over.

        Raises:
            Forbidden: neither of them.
        """
        self.media.check()
        live = self.lives.get(live_id) if moderates else self.seen_by(user_id, live_id)
        if live is None:
            raise not_there()
        if not moderates and live.host_id != user_id:
            raise Forbidden("Only the host and moderators can end a broadcast.")
        return self.look.end(live_id) or live

    def write(self, author_id: str, live_id: str, client_id: str, text: str) -> LiveMessage:
        """Send a chat message of a broadcast. The same ``client_id`` gives the same message.

        Raises:
            BadRequest: the text.
            LiveOver.
        """
        live = self.seen_by(author_id, live_id)
        live.check_running()
        cleaned = clean("text", text, limit=MESSAGE_LIMIT, least=1)
        return self.messages.add(LiveMessage(new_id(), live_id, author_id, cleaned, to_text(self.clock())), client_id)

    def seen_by(self, viewer_id: str, live_id: str) -> Broadcast:
        """The broadcast, for people who may see it. Raises: NotFound."""
        self.media.check()
        live = self.lives.get(live_id)
        if live is None:
            raise not_there()
        if live.host_id != viewer_id:
            relation = self.graph.relations([viewer_id], live.host_id)[viewer_id]
            if not live.admits(viewer_id, follows=relation.follows, blocked=relation.blocked):
                raise not_there()
        return live
