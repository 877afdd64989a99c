"""Acknowledged writes survive ``kill -9``: documents, versions, tombstones, definitions and aliases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, OpenSearchException

from services.search.mappings import INDICES
from tests.contract.search_fixtures import embedded_only
from tests.support.search_process import SearchProcess

pytestmark = embedded_only
BODY = INDICES["posts"].body
EXTERNAL: dict[str, Any] = {"version_type": "external"}


def client_of(process: SearchProcess) -> OpenSearch:
    return OpenSearch(process.url, timeout=60, max_retries=0)


def test_acknowledged_writes_of_many_writers_survive_a_kill(tmp_path: Path) -> None:
    process = SearchProcess(tmp_path).start()
    client_of(process).indices.create(index="posts", body=BODY)
    acknowledged: list[str] = []
    enough = threading.Event()

    def write(writer: int) -> None:
        client = client_of(process)
        for number in range(100_000):
            ids = [f"{writer}-{number}-{item}" for item in range(5)]
            lines: list[dict[str, Any]] = []
            for one in ids:
                lines += [{"index": {"_index": "posts", "_id": one}}, {"id": one, "text": "鍵を失くした"}]
            try:
                answer = client.bulk(body=lines)
            except OpenSearchException:
                return
            assert not answer["errors"]
            acknowledged.extend(ids)
            if len(acknowledged) > 600:
                enough.set()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    assert enough.wait(60)
    process.kill()
    for one in writers:
        one.join()
    process.start()
    client = client_of(process)
    total = client.search(index="posts", body={"size": 0, "track_total_hits": True})["hits"]["total"]["value"]
    found: set[str] = set()
    for start in range(0, len(acknowledged), 500):
        body = {"query": {"ids": {"values": acknowledged[start : start + 500]}}, "size": 500, "_source": False}
        found |= {hit["_id"] for hit in client.search(index="posts", body=body)["hits"]["hits"]}
    process.stop()
    assert set(acknowledged) - found == set()
    assert total >= len(acknowledged)


@pytest.mark.parametrize("polite", [True, False])
def test_versions_tombstones_and_aliases_outlive_the_process(tmp_path: Path, polite: bool) -> None:
    process = SearchProcess(tmp_path).start()
    client = client_of(process)
    client.indices.create(index="posts-v1", body=BODY)
    client.indices.update_aliases(body={"actions": [{"add": {"index": "posts-v1", "alias": "posts"}}]})
    for name in ("kept", "gone"):
        client.index(index="posts", id=name, body={"id": name, "text": "京都"}, params={"version": 7, **EXTERNAL})
    client.delete(index="posts", id="gone", params={"version": 8, **EXTERNAL})
    if polite:
        process.stop()
    else:
        process.kill()
    process.start()
    client = client_of(process)
    found = client.search(index="posts", body={"query": {"match": {"text": "京都"}}})["hits"]["hits"]
    assert [hit["_id"] for hit in found] == ["kept"]
    for name, version in (("kept", 7), ("gone", 8)):
        with pytest.raises(ConflictError):
            client.index(index="posts", id=name, body={"id": name}, params={"version": version, **EXTERNAL})
    client.index(index="posts", id="gone", body={"id": "gone"}, params={"version": 9, **EXTERNAL})
    process.stop()


def remove_all(segments: Path) -> None:
    for file in segments.iterdir():
        file.unlink()


def spoil_meta(segments: Path) -> None:
    (segments / "meta.json").write_text("{")


def remove_a_segment(segments: Path) -> None:
    for file in segments.glob("*.term"):
        file.unlink()


@pytest.mark.parametrize("damage", [remove_all, spoil_meta, remove_a_segment])
def test_a_damaged_inverted_index_is_rebuilt(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    process = SearchProcess(tmp_path).start()
    client = client_of(process)
    client.indices.create(index="posts", body=BODY)
    client.index(index="posts", id="a", body={"id": "a", "text": "京都"}, params={"refresh": "true"})
    process.kill()
    (derived,) = (process.home / "state" / "search" / "derived").iterdir()
    damage(derived / "segments")
    process.start()
    body = {"query": {"match": {"text": "京都"}}}
    assert len(client_of(process).search(index="posts", body=body)["hits"]["hits"]) == 1
    process.stop()
