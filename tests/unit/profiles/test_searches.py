"""Validation of saved searches."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest
from services.common.ids import new_id
from services.profiles.saved_search_commands import SavedSearchCommands
from services.profiles.saved_search_repository import SavedSearchRepository
from services.search.query_language import parse


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("", "海", "name"),
        ("x" * 51, "海", "name"),
        ("x", "from:", "query"),
        ("x", " ", "query"),
        ("x", "海 OR", "query"),
    ],
)
def test_invalid_searches_are_refused(name: str, query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        SavedSearchCommands(SavedSearchRepository("profiles"), parse).save("u", new_id(), name, query)
    assert [one.field for one in refused.value.errors] == [field]
