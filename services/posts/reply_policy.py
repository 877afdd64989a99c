"""Who may reply: chosen by the author of a thread's first post, true for the whole thread."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from services.common.lazy_dataclasses import dataclass


class ReplyPolicy(StrEnum):
    """everyone who sees it · following: people whom the author follows, and mentioned people · mentioned: only
    mentioned people · nobody. The author can always reply."""

    EVERYONE = "everyone"
    FOLLOWING = "following"
    MENTIONED = "mentioned"
    NOBODY = "nobody"


@dataclass(frozen=True)
class ReplyGate:
    """A policy with the data to apply it. Replies carry a copy of their thread's, so that one item is enough to tell
    whether someone may reply to it."""

    policy: ReplyPolicy
    author_id: str
    mentioned: tuple[str, ...] = ()

    def allows(self, user_id: str, followed: bool) -> bool:
        """``followed``: whether the thread's author follows ``user_id``."""
        if user_id == self.author_id or self.policy is ReplyPolicy.EVERYONE:
            return True
        if self.policy is ReplyPolicy.NOBODY:
            return False
        return user_id in self.mentioned or (self.needs_follow and followed)

    @property
    def needs_follow(self) -> bool:
        """Whether ``allows`` depends on whom the author follows."""
        return self.policy is ReplyPolicy.FOLLOWING

    def to_item(self) -> dict[str, Any]:
        return {"policy": self.policy.value, "authorId": self.author_id, "mentioned": list(self.mentioned)}


def gate_of(item: Mapping[str, Any] | None) -> ReplyGate | None:
    """From the ``gate`` attribute of a post's item; absent where everyone may reply."""
    if not item:
        return None
    return ReplyGate(ReplyPolicy(item["policy"]), item["authorId"], tuple(item["mentioned"]))
