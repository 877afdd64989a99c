"""Moderation's data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.common.personal_data import PersonalData, Source, Step, partition
from services.moderation.repository import ModerationRepository
from services.moderation.resources import state_resource

_DECISIONS = 50


def personal_data(table: str) -> PersonalData:
    repository = ModerationRepository(table)

    def decisions(user_id: str) -> Iterator[Mapping[str, Any]]:
        """Decisions about this person and their content."""
        return (state_resource(one) for one in repository.about(user_id, _DECISIONS) if one.decided_at)

    return PersonalData(
        export=(Source("reports", partition(table, "REPORTER", index="gsi1")), Source("decisions", decisions)),
        erasure=(Step("moderation", repository.forget),),
    )
