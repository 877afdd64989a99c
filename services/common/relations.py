"""The relation of two people, as far as other contexts need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """The relation of a viewer to an author. ``follows``: the viewer follows the author; ``blocked``: one of the two
    blocks the other, whichever it is."""

    follows: bool = False
    blocked: bool = False


NO_RELATION = Relation()


def relation_of(edge: Mapping[str, Any] | None) -> Relation:
    """From the edge item ``USER#<viewer>`` / ``FOLLOW#<author>`` of the profiles table, which knows of both sides'
    blocks: one item says all that reading somebody's posts depends on."""
    if not edge:
        return NO_RELATION
    return Relation(bool(edge.get("following")), bool(edge.get("blocks") or edge.get("blockedBy")))
