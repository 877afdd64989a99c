"""Edits: new text or media for a published post; former versions stay readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from services.common.clock import now_text
from services.common.errors import Conflict, Forbidden, NotFound, Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.posts.commands import PostCommands
from services.posts.model import Post, checked_lang, checked_text, checked_warning

#: Every version is kept and shown in one list.
EDITS_MOST = 50


class Versions(Protocol):
    """The repository, for edits."""

    def get(self, post_id: str) -> Post | None: ...
    def replace(self, before: Post, after: Post) -> bool: ...


@dataclass(frozen=True)
class Edit:
    """``version`` is the version that the author saw; ``None`` in another field leaves it unchanged."""

    version: int
    text: str | None = None
    media_ids: Sequence[str] | None = None
    lang: str | None = None
    #: The empty text takes the warning away.
    content_warning: str | None = None
    sensitive: bool | None = None


class EditCommands:
    """``edit``; visibility, thread and poll of a post never change."""

    def __init__(self, versions: Versions, posts: PostCommands) -> None:
        self._versions = versions
        self._posts = posts

    def edit(self, viewer_id: str, post_id: str, edit: Edit) -> Post:
        """Make the next version, and return the post; an edit without changes makes none, so that a retry is harmless.

        Raises:
            NotFound: not there for the viewer. Forbidden: someone else's.
            BadRequest, Unprocessable: a rule on the content; more than 50 edits.
            Conflict: the post has another version by now.
        """
        before = self._versions.get(post_id)
        if before is None or before.author_id != viewer_id:
            self._posts.seen(viewer_id, post_id)
            raise Forbidden("Only its author can edit a post.")
        if before.deleted:
            raise NotFound("Post not found.")
        after = self._edited(before, edit)
        if after == before:
            return before
        stale = Conflict(f"The post now has version {before.version}, but the edit is based on version {edit.version}.")
        if before.version != edit.version:
            raise stale
        if before.edits >= EDITS_MOST:
            raise Unprocessable(f"A post can be edited up to {EDITS_MOST} times.")
        made = replace(after, version=before.version + 1, edits=before.edits + 1, edited_at=now_text())
        if not self._versions.replace(before, made):
            raise stale
        return made

    def _edited(self, before: Post, edit: Edit) -> Post:
        media = before.media
        if edit.media_ids is not None:
            media = tuple(self._posts.media(before.author_id, edit.media_ids))
        warning = before.content_warning
        if edit.content_warning is not None:
            warning = checked_warning(edit.content_warning)
        sensitive = before.sensitive if edit.sensitive is None else edit.sensitive
        text = checked_text(before.text if edit.text is None else edit.text, has_media=bool(media))
        if text == before.text:
            return replace(before, media=media, content_warning=warning, sensitive=sensitive)
        # A handle means the person who had it when it was written: it may be another person's by now.
        bound = {one.handle: one.user_id for one in before.entities.mentions}
        entities = self._posts.entities(before.author_id, text, bound)
        mentioned = (*before.ever_mentioned, *(one.user_id for one in entities.mentions))
        lang = checked_lang(edit.lang, text)
        return replace(
            before, text=text, lang=lang, media=media, entities=entities, content_warning=warning,
            sensitive=sensitive, ever_mentioned=tuple(dict.fromkeys(mentioned)),
        )  # fmt: skip
