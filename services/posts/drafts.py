"""What an author keeps before it is a post: drafts, and posts that wait for their time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from services.common.clock import from_text, now, now_text, to_text
from services.common.errors import BadRequest, Conflict, FieldError, NotFound, Unprocessable
from services.posts.commands import Draft, PostCommands

DRAFTS_MOST = 100
SCHEDULED_MOST = 100
#: Bytes of JSON.
CONTENT_LIMIT = 16 * 1024
AHEAD_LEAST, AHEAD_MOST = timedelta(minutes=1), timedelta(days=180)


class State(StrEnum):
    """scheduled (waits) → published (is a post then, and no entry any more) | failed (has a reason, may be changed)."""

    SCHEDULED = "scheduled"
    FAILED = "failed"


@dataclass(frozen=True)
class KeptDraft:
    """``content`` is what the composer had: it is checked when it becomes a post."""

    id: str
    author_id: str
    content: Mapping[str, Any]
    updated_at: str
    version: int = 1

    def to_json(self) -> dict[str, Any]:
        """The Draft resource."""
        return {"id": self.id, "content": dict(self.content), "updatedAt": self.updated_at, "version": self.version}


@dataclass(frozen=True)
class Scheduled:
    """``content`` is a valid body of a publication without its ``clientPostId``; ``publish_at`` is RFC 3339."""

    id: str
    author_id: str
    content: Mapping[str, Any]
    publish_at: str
    state: State = State.SCHEDULED
    reason: str | None = None
    version: int = 1

    @property
    def client_post_id(self) -> str:
        """Makes the publication happen once: the author's client ids are unique."""
        return f"scheduled:{self.id}"

    def to_json(self) -> dict[str, Any]:
        """The ScheduledPost resource."""
        return {
            "id": self.id,
            "post": dict(self.content),
            "publishAt": self.publish_at,
            "state": self.state.value,
            "reason": self.reason,
            "version": self.version,
        }


def media_named(content: Mapping[str, Any]) -> list[str]:
    """Ids of the media that a kept content names, each once. Drafts are not checked: theirs may be anything."""
    wanted = content.get("mediaIds")
    return list(dict.fromkeys(one for one in wanted if isinstance(one, str))) if isinstance(wanted, list) else []


class Shelf(Protocol):
    """What the commands need of the repository. Writes answer ``False`` when ``version`` is not the stored one."""

    def draft(self, author_id: str, draft_id: str) -> KeptDraft | None: ...
    def put_draft(self, draft: KeptDraft, most: int) -> bool: ...
    def delete_draft(self, author_id: str, draft_id: str) -> None: ...
    def scheduled(self, author_id: str, scheduled_id: str) -> Scheduled | None: ...
    def put_scheduled(self, before: Scheduled | None, after: Scheduled, most: int) -> bool: ...
    def delete_scheduled(self, found: Scheduled) -> bool: ...


class ShelfCommands:
    """``save`` and ``discard`` drafts; ``schedule`` and ``cancel`` posts. All may be repeated."""

    def __init__(
        self,
        shelf: Shelf,
        posts: PostCommands,
        draft_of: Callable[[str, Mapping[str, Any]], Draft],
        clock: Callable[[], datetime] = now,
    ) -> None:
        """``draft_of``: from a client id and a content to what ``PostCommands`` takes."""
        self._shelf = shelf
        self._posts = posts
        self._draft_of = draft_of
        self._clock = clock

    def save(
        self, author_id: str, draft_id: str, content: Mapping[str, Any], version: int | None
    ) -> tuple[KeptDraft, bool]:
        """Keep a draft; whether it is new.

        Raises:
            BadRequest: too large. Unprocessable: 100 drafts are there. NotFound: it names media of somebody else.
            Conflict: it has another version than ``version`` (``None``: that it must not be there yet).
            ProfileMissing.
        """
        size = len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))
        if size > CONTENT_LIMIT:
            expected = f"at most {CONTENT_LIMIT} bytes of JSON"
            raise BadRequest("The draft is too large.", FieldError("content", expected, f"{size} bytes"))
        before = self._shelf.draft(author_id, draft_id)
        if before is not None and before.content == content:
            return before, False
        self._check_version(before.version if before else None, version)
        if before is None:
            self._posts.author(author_id)
        self._posts.check_owned(author_id, media_named(content))
        after = KeptDraft(draft_id, author_id, content, now_text(), (version or 0) + 1)
        if not self._shelf.put_draft(after, DRAFTS_MOST):
            raise Conflict("The draft was changed at the same time.")
        return after, before is None

    def discard(self, author_id: str, draft_id: str) -> None:
        """Without effect when it isn't there."""
        self._shelf.delete_draft(author_id, draft_id)

    def schedule(
        self, author_id: str, scheduled_id: str, content: Mapping[str, Any], publish_at: str, version: int | None
    ) -> tuple[Scheduled, bool]:
        """Keep a post for its time, or change one that waits; whether it is new.

        Raises:
            BadRequest, Unprocessable, NotFound: as publishing it now would; a time outside of 1 minute to 180 days
                from now; 100 posts wait already.
            Conflict: it has another version than ``version`` (``None``: that it must not be there yet), or was
                published. ProfileMissing.
        """
        before = self._shelf.scheduled(author_id, scheduled_id)
        wanted = self._checked_time(publish_at)
        same = before is not None and before.content == content and before.publish_at == wanted
        if before is not None and same and before.state is State.SCHEDULED:
            return before, False
        self._check_version(before.version if before else None, version)
        after = Scheduled(scheduled_id, author_id, content, wanted, version=(version or 0) + 1)
        self._posts.author(author_id)
        self._posts.composed(author_id, self._draft_of(after.client_post_id, content))
        if not self._shelf.put_scheduled(before, after, SCHEDULED_MOST):
            raise Conflict("This scheduled post was changed or published at the same time.")
        return after, before is None

    def cancel(self, author_id: str, scheduled_id: str) -> None:
        """Raises: NotFound (it isn't there: perhaps it was published), Conflict (changed at the same time)."""
        found = self._shelf.scheduled(author_id, scheduled_id)
        if found is None:
            raise NotFound("There is no such scheduled post.")
        if not self._shelf.delete_scheduled(found):
            raise Conflict("This scheduled post was changed or published at the same time.")

    def _check_version(self, stored: int | None, given: int | None) -> None:
        if stored != given:
            raise Conflict(
                f"It has version {stored} by now, the change was made of version {given}."
                if stored and given
                else ("It is there already: name its version." if stored else "It is not there any more.")
            )

    def _checked_time(self, text: str) -> str:
        expected = "an RFC 3339 time, at least 1 minute and at most 180 days from now"
        try:
            moment = from_text(text)
        except (ValueError, OverflowError) as error:
            fault = FieldError("publishAt", expected, repr(text[:40]))
            raise BadRequest(f"publishAt: expected {expected}.", fault) from error
        if not AHEAD_LEAST <= moment - self._clock() <= AHEAD_MOST:
            raise Unprocessable(f"publishAt: expected {expected}.", FieldError("publishAt", expected, text[:40]))
        return to_text(moment)
