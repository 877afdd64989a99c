"""Invalidations stay within CloudFront's limit of 15 concurrent wildcard paths."""

from __future__ import annotations

from typing import Any

import pytest

from services.media import adapter


@pytest.mark.parametrize(("count", "paths"), [(1, 1), (5, 5), (6, 1), (100, 1)])
def test_many_media_are_invalidated_in_one_bounded_batch(
    monkeypatch: pytest.MonkeyPatch, count: int, paths: int
) -> None:
    asked: list[dict[str, Any]] = []

    class Fake:
        def get_parameter(self, **_: Any) -> dict[str, Any]:
            return {"Parameter": {"Value": '{"distributionId": "D"}'}}

        def create_invalidation(self, **request: Any) -> None:
            asked.append(request["InvalidationBatch"]["Paths"])

    monkeypatch.setattr(adapter, "client", lambda _: Fake())
    adapter.ServedMedia("bucket", "/parameter").forget([f"media/private/{number}/" for number in range(count)])
    (batch,) = asked
    assert batch["Quantity"] == len(batch["Items"]) == paths <= adapter.MOST_PATHS
    assert all(path.endswith("*") and path.startswith("/media/") for path in batch["Items"])
