"""What moderation keeps of a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.common.personal_data import Source, Step, partition
from services.moderation.repository import ModerationRepository

_DECISIONS = 50
_repository = ModerationRepository()


def _decisions(user_id: str) -> Iterator[dict[str, Any]]:
    """What moderators decided about this person and what they published."""
    return (one.to_json() for one in _repository.about(user_id, _DECISIONS) if one.decided_at)


EXPORT = (
    Source("reports", partition("table_moderation", "REPORTER", index="gsi1")),
    Source("decisions", _decisions),
)
ERASURE = (Step("moderation", _repository.forget),)
