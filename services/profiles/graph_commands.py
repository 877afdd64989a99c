"""Commands between people: follow, request, answer, block, mute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from services.common.errors import FieldError, NotFound, ProfileMissing, Unprocessable
from services.profiles.model import Profile
from services.profiles.mutes import MutedWord, checked_expiry, new_word


class Edges(Protocol):
    """The repository of profiles and edges, for the commands."""

    def authors(self, user_ids: Iterable[str]) -> dict[str, Profile]: ...
    def follows(self, follower: str, followees: Iterable[str]) -> set[str]: ...
    def follow(self, follower: str, followee: str) -> bool: ...
    def request(self, follower: str, followee: str) -> bool: ...
    def unfollow(self, follower: str, followee: str) -> bool: ...
    def accept(self, follower: str, followee: str) -> bool: ...
    def decline(self, follower: str, followee: str) -> bool: ...
    def block(self, blocker: str, blocked: str) -> bool: ...
    def unblock(self, blocker: str, blocked: str) -> bool: ...


class MuteStore(Protocol):
    """The repository of mutes, for the commands."""

    def mute_person(self, owner: str, user_id: str, expires_at: str | None = None) -> None: ...
    def mute_thread(self, owner: str, root_id: str) -> None: ...
    def mute_word(self, owner: str, word: MutedWord) -> None: ...
    def unmute(self, owner: str, kind: str, key: str) -> None: ...


class Threads(Protocol):
    """The posts context, for the root of a thread."""

    def root_of(self, post_id: str) -> str | None:
        """Id of the post at the root of a post's thread, also of a deleted one; ``None`` without such a post."""

    def root_seen_by(self, viewer: str, post_id: str) -> str | None:
        """The same, ``None`` also when the post is not there for the viewer."""


class GraphCommands:
    """All are idempotent."""

    def __init__(self, edges: Edges, mutes: MuteStore, threads: Threads) -> None:
        self._edges = edges
        self._mutes = mutes
        self._threads = threads

    def follow(self, follower: str, followee: str) -> bool:
        """Follow, or send a request to a locked account; ``True`` for a request.

        Raises:
            Unprocessable (oneself), ProfileMissing (the caller has none), NotFound (no such person), Forbidden
            (a block).
        """
        if self._pair(follower, followee, "Nobody can follow themselves.").locked:
            self._edges.request(follower, followee)
            return not self._edges.follows(follower, [followee])
        self._edges.follow(follower, followee)
        return False

    def unfollow(self, follower: str, followee: str) -> None:
        """Unfollow, or withdraw the request; no effect when there is neither. Raises: Unprocessable (oneself)."""
        _refuse_oneself(follower, followee, "Nobody can follow themselves.")
        self._edges.unfollow(follower, followee)

    def accept(self, user_id: str, follower: str) -> None:
        """Accept a follow request. Raises: Unprocessable (oneself), NotFound (no request)."""
        _refuse_oneself(user_id, follower, "Nobody can follow themselves.")
        if not self._edges.accept(follower, user_id) and not self._edges.follows(follower, [user_id]):
            raise NotFound("Follow request not found.")

    def decline(self, user_id: str, follower: str) -> None:
        """Refuse a follow request; no effect without one, and the other person is not notified. Raises: Unprocessable
        (oneself)."""
        _refuse_oneself(user_id, follower, "Nobody can follow themselves.")
        self._edges.decline(follower, user_id)

    def block(self, user_id: str, other: str) -> None:
        """Raises: Unprocessable (oneself), ProfileMissing (the caller has none), NotFound (no such person)."""
        self._pair(user_id, other, "Nobody can block themselves.")
        self._edges.block(user_id, other)

    def unblock(self, user_id: str, other: str) -> None:
        """Without effect when there is no block. Raises: Unprocessable (oneself)."""
        _refuse_oneself(user_id, other, "Nobody can block themselves.")
        self._edges.unblock(user_id, other)

    def mute_person(self, user_id: str, other: str, expires_at: str | None) -> None:
        """Raises: as ``block``; BadRequest (the time is past), Unprocessable (as many as there may be)."""
        self._pair(user_id, other, "Nobody can mute themselves.")
        self._mutes.mute_person(user_id, other, checked_expiry(expires_at))

    def unmute_person(self, user_id: str, other: str) -> None:
        """Without effect when the person is not muted. Raises: Unprocessable (oneself)."""
        _refuse_oneself(user_id, other, "Nobody can mute themselves.")
        self._mutes.unmute(user_id, "people", other)

    def mute_thread(self, user_id: str, post_id: str) -> str:
        """Mute the thread that a post is part of; the id of its root. Raises: NotFound, Unprocessable."""
        root = self._threads.root_seen_by(user_id, post_id)
        if root is None:
            raise NotFound("Post not found.")
        self._mutes.mute_thread(user_id, root)
        return root

    def mute_word(self, user_id: str, word_id: str, word: str, expires_at: str | None) -> MutedWord:
        """Raises: BadRequest (the word, the time), Unprocessable (as many as there may be)."""
        muted = new_word(word_id, word, expires_at)
        self._mutes.mute_word(user_id, muted)
        return muted

    def unmute(self, user_id: str, kind: str, key: str) -> None:
        """Without effect when it is not muted."""
        self._mutes.unmute(user_id, kind, key)

    def unmute_thread(self, user_id: str, post_id: str) -> None:
        """Unmute a thread by any of its posts; by the root's id also when its post is gone."""
        self._mutes.unmute(user_id, "threads", self._threads.root_of(post_id) or post_id)

    def _pair(self, user_id: str, other: str, refusal: str) -> Profile:
        _refuse_oneself(user_id, other, refusal)
        found = self._edges.authors([user_id, other])
        if user_id not in found:
            raise ProfileMissing("Create a profile first: PUT /v1/me.")
        if other not in found:
            raise NotFound("Person not found.")
        return found[other]


def _refuse_oneself(user_id: str, other: str, refusal: str) -> None:
    if user_id == other:
        raise Unprocessable(refusal, FieldError("userId", "another person", "yourself"))
