"""Commands on drafts and scheduled posts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from services.common.clock import from_text, now, now_text, to_text
from services.common.errors import BadRequest, Conflict, FieldError, NotFound, Unprocessable
from services.posts.commands import NewPost, PostCommands
from services.posts.drafts import (
    AHEAD_LEAST,
    AHEAD_MOST,
    CONTENT_LIMIT,
    DRAFTS_MOST,
    SCHEDULED_MOST,
    Draft,
    ScheduledPost,
    ScheduleState,
    media_ids_in,
)
from services.posts.model import Post


class DraftStore(Protocol):
    """The repository, for the commands. Writes return ``False`` when ``version`` is not the stored one."""

    def draft(self, author_id: str, draft_id: str) -> Draft | None: ...
    def put_draft(self, draft: Draft, most: int) -> bool: ...
    def delete_draft(self, author_id: str, draft_id: str) -> None: ...
    def scheduled(self, author_id: str, scheduled_id: str) -> ScheduledPost | None: ...
    def put_scheduled(self, before: ScheduledPost | None, after: ScheduledPost, most: int) -> bool: ...
    def delete_scheduled(self, found: ScheduledPost) -> bool: ...


class DraftCommands:
    """``save`` and ``discard`` drafts; ``schedule`` and ``cancel`` posts. All may be repeated."""

    def __init__(
        self,
        drafts: DraftStore,
        posts: PostCommands,
        new_post_of: Callable[[str, Mapping[str, Any]], NewPost],
        clock: Callable[[], datetime] = now,
    ) -> None:
        """``new_post_of``: from a client id and a content to what ``PostCommands`` takes."""
        self._drafts = drafts
        self._posts = posts
        self._new_post_of = new_post_of
        self._clock = clock

    def save(
        self, author_id: str, draft_id: str, content: Mapping[str, Any], version: int | None
    ) -> tuple[Draft, bool]:
        """Store a draft; returns whether it is new.

        Raises:
            BadRequest: too large. Unprocessable: 100 drafts are there. NotFound: it names media of somebody else.
            Conflict: it has another version than ``version`` (``None``: that it must not be there yet).
            ProfileMissing.
        """
        size = len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))
        if size > CONTENT_LIMIT:
            expected = f"at most {CONTENT_LIMIT} bytes of JSON"
            raise BadRequest("The draft is too large.", FieldError("content", expected, f"{size} bytes"))
        before = self._drafts.draft(author_id, draft_id)
        if before is not None and before.content == content:
            return before, False
        self._check_version(before.version if before else None, version)
        if before is None:
            self._posts.author(author_id)
        self._posts.check_owned(author_id, media_ids_in(content))
        after = Draft(draft_id, author_id, content, now_text(), (version or 0) + 1)
        if not self._drafts.put_draft(after, DRAFTS_MOST):
            raise Conflict("The draft was changed at the same time.")
        return after, before is None

    def discard(self, author_id: str, draft_id: str) -> None:
        """Delete a draft; no effect when it does not exist."""
        self._drafts.delete_draft(author_id, draft_id)

    def schedule(
        self, author_id: str, scheduled_id: str, content: Mapping[str, Any], publish_at: str, version: int | None
    ) -> tuple[ScheduledPost, bool]:
        """Schedule a post, or change a scheduled one; returns whether it is new.

        Raises:
            BadRequest, Unprocessable, NotFound: as publishing it now would; a time outside of 1 minute to 180 days
                from now; 100 posts wait already.
            Conflict: it has another version than ``version`` (``None``: that it must not be there yet), or was
                published. ProfileMissing.
        """
        before = self._drafts.scheduled(author_id, scheduled_id)
        wanted = self._checked_time(publish_at)
        same = before is not None and before.content == content and before.publish_at == wanted
        if before is not None and same and before.state is ScheduleState.SCHEDULED:
            return before, False
        self._check_version(before.version if before else None, version)
        after = ScheduledPost(scheduled_id, author_id, content, wanted, version=(version or 0) + 1)
        self._posts.author(author_id)
        post = self._posts.composed(author_id, self._new_post_of(after.client_post_id, content))
        after = replace(after, mentions=self._mentions(post, before))
        if not self._drafts.put_scheduled(before, after, SCHEDULED_MOST):
            raise Conflict("This scheduled post was changed or published at the same time.")
        return after, before is None

    def cancel(self, author_id: str, scheduled_id: str) -> None:
        """Raises: NotFound (it isn't there: perhaps it was published), Conflict (changed at the same time)."""
        found = self._drafts.scheduled(author_id, scheduled_id)
        if found is None:
            raise NotFound("Scheduled post not found.")
        if not self._drafts.delete_scheduled(found):
            raise Conflict("This scheduled post was changed or published at the same time.")

    def _mentions(self, post: Post, before: ScheduledPost | None) -> Mapping[str, str]:
        """Handle → user id: a handle in the earlier text means the person who had it then."""
        bound = (before.mentions if before else None) or {}
        entities = self._posts.entities(post.author_id, post.text, bound)
        return {one.handle: one.user_id for one in entities.mentions}

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
