"""Multipart uploads: started, interrupted, resumed, completed, cancelled; and the refusals of the storage."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kit.settings import Settings
from services.media.uploads import PART_BYTES
from tests.support.files import clip
from tests.support.people import Person, Town, eventually, fetch


def begin(person: Person, size: int, content_type: str = "video/webm") -> dict[str, Any]:
    asked = {"kind": "video", "contentType": content_type, "bytes": size, "resumable": True}
    begun: dict[str, Any] = person.api.post("/v1/media", asked)
    return begun


def put(part: dict[str, Any], content: bytes) -> httpx.Response:
    """The signature covers the host name, whichever address this process connects to."""
    host = urlsplit(part["url"]).netloc
    return httpx.put(Settings.load().reach(part["url"]), content=content, headers={"host": host}, timeout=60)


def test_an_upload_resumes_where_it_stopped(town: Town) -> None:
    owner = town.person()
    video = clip("mp4", 2)
    video += (PART_BYTES).to_bytes(4) + b"free" + secrets.token_bytes(PART_BYTES - 8)
    begun = begin(owner, len(video), "video/mp4")
    path = f"/v1/media/{begun['media']['id']}"
    first, second = begun["parts"]["parts"]
    assert (first["bytes"], second["bytes"]) == (PART_BYTES, len(video) - PART_BYTES)
    assert put(second, video[PART_BYTES:]).status_code == 200
    assert owner.refused("POST", f"{path}/complete", {}).status == 422
    again = owner.api.post(f"{path}/parts")["parts"]
    assert [one["done"] for one in again] == [False, True]
    assert put(again[0], video[:PART_BYTES]).status_code == 200
    owner.api.post(f"{path}/complete")
    owner.api.post(f"{path}/complete")
    media = eventually(lambda: owner.api.get(path), lambda one: one["state"] in ("ready", "rejected"), "the video")
    assert (media["state"], media["width"], media["height"]) == ("ready", 320, 180), media
    assert owner.refused("POST", f"{path}/parts", {}).status == 409
    served = fetch(town.endpoints.base_url + media["url"], headers={"range": "bytes=4-7"})
    assert (served.status_code, served.content) == (206, b"ftyp")
    poster = fetch(town.endpoints.base_url + media["thumbnailUrl"])
    assert poster.content[8:12] == b"WEBP"


def test_parts_of_another_size_or_signature_are_not_put_together(town: Town) -> None:
    owner = town.person()
    begun = begin(owner, 1000)
    path = f"/v1/media/{begun['media']['id']}"
    (part,) = begun["parts"]["parts"]
    assert put({**part, "url": part["url"].replace("partNumber=1", "partNumber=2")}, b"x").status_code == 403
    put(part, b"x" * 2000)
    assert owner.refused("POST", f"{path}/complete", {}).status == 422
    assert owner.api.get(path)["state"] == "pending"


def test_a_cancelled_upload_accepts_no_parts(town: Town) -> None:
    owner, other = town.person(), town.person()
    begun = begin(owner, 1000)
    path = f"/v1/media/{begun['media']['id']}"
    for verb, target in (("POST", f"{path}/parts"), ("POST", f"{path}/complete"), ("DELETE", path)):
        assert other.refused(verb, target, {} if verb == "POST" else None).status == 404
    owner.api.delete(path)
    assert put(begun["parts"]["parts"][0], b"x" * 1000).status_code == 404
    assert owner.refused("POST", f"{path}/parts", {}).status == 404


@pytest.mark.parametrize("size", [0, 101 * 1024 * 1024])
def test_sizes_are_refused_before_anything_is_sent(town: Town, size: int) -> None:
    asked = {"kind": "video", "contentType": "video/mp4", "bytes": size, "resumable": True}
    assert town.person().refused("POST", "/v1/media", asked).status in (400, 413)
