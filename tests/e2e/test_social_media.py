"""Media through the public API: upload with a policy, content check, serving without camera metadata."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import httpx
import pytest
from PIL import Image

from kit.client import Socket
from tests.support.files import PLACE_IN_EXIF, mp4, photo_with_place, wav
from tests.support.people import Town, eventually, fetch


def unsigned(media: dict[str, Any]) -> dict[str, Any]:
    """The links without their signatures, which change every hour."""
    document, count = re.subn(r"\?Policy=[^\"]+", "", json.dumps(media))
    assert count >= 2, "its links are not signed"
    found: dict[str, Any] = json.loads(document)
    return found


def test_a_photo_is_cleaned_shown_and_posted(town: Town) -> None:
    owner, other = town.person(), town.person()
    with Socket(town.endpoints, owner.api) as device:
        media_id = owner.api.upload("photo", "image/jpeg", photo_with_place(), "A wall")
        told = device.wait("media.updated", lambda data: data["media"]["state"] == "ready")
    media = owner.api.get(f"/v1/media/{media_id}")
    assert unsigned(told["data"]["media"]) == unsigned(media)
    # The photo is rotated by its EXIF orientation: shown upright, width and height are swapped.
    assert (media["width"], media["height"], media["altText"]) == (480, 640, "A wall")
    served = _served(town, media["url"])
    assert served.headers["content-type"] == "image/jpeg"
    assert "immutable" in served.headers["cache-control"]
    with Image.open(io.BytesIO(served.content)) as picture:
        assert picture.size == (480, 640)
        assert not picture.getexif()
    assert PLACE_IN_EXIF not in served.content
    assert b"secret place" not in served.content
    with Image.open(io.BytesIO(_served(town, media["thumbnailUrl"]).content)) as small:
        assert small.format == "WEBP"
    post = owner.post("", mediaIds=[media_id])
    for shown in (post, other.api.get(f"/v1/posts/{post['id']}")):
        assert [unsigned(one) for one in shown["media"]] == [unsigned(media)]
    changed = owner.api.call("PATCH", f"/v1/media/{media_id}", {"altText": "A red wall"})
    assert changed["altText"] == "A red wall"
    owner.api.put("/v1/me", {"handle": owner.handle, "displayName": "x", "avatarMediaId": media_id})
    assert other.api.get(f"/v1/users/{owner.id}")["avatarUrl"] == f"/media/public/{media_id}/thumb.webp"


def test_video_and_audio_have_their_duration(town: Town) -> None:
    owner = town.person()
    video = owner.api.get(f"/v1/media/{owner.api.upload('video', 'video/mp4', mp4(seconds=3))}")
    assert (video["width"], video["height"], video["durationMs"]) == (320, 180, 3000)
    served = fetch(town.endpoints.base_url + video["url"], headers={"range": "bytes=4-7"})
    assert (served.status_code, served.content) == (206, b"ftyp")
    assert b"+35.6895+139.6917" not in _served(town, video["url"]).content
    audio = owner.api.get(f"/v1/media/{owner.api.upload('audio', 'audio/wav', wav(seconds=2))}")
    assert audio["durationMs"] == 2000
    owner.post("listen", mediaIds=[audio["id"], video["id"]])


@pytest.mark.parametrize(
    ("kind", "content_type", "content", "reason"),
    [
        ("photo", "image/png", photo_with_place(), "type-mismatch"),
        ("photo", "image/jpeg", b"<html><script>alert(1)</script></html>", "type-mismatch"),
        ("photo", "image/jpeg", photo_with_place()[:900], "unreadable"),
        ("video", "video/mp4", photo_with_place(), "type-mismatch"),
        ("video", "video/mp4", mp4(seconds=1)[:60], "unreadable"),
        ("audio", "audio/mp4", mp4(seconds=1), "type-mismatch"),
        ("audio", "audio/mpeg", b"ID3\x04\0\0\0\0\0\0" + b"\0" * 100, "unreadable"),
    ],
)
def test_a_file_with_a_false_type_is_refused_and_never_served(
    town: Town, kind: str, content_type: str, content: bytes, reason: str
) -> None:
    owner = town.person()
    asked = {"kind": kind, "contentType": content_type, "bytes": len(content)}
    made = owner.api.post("/v1/media", asked)
    _send(made["upload"], content)
    path = f"/v1/media/{made['media']['id']}"
    media = eventually(lambda: owner.api.get(path), lambda one: one["state"] == "rejected", "the refusal")
    assert (media["reason"], media["url"]) == (reason, None)
    for extension in ("jpg", "png", "mp4", "m4a", "mp3"):
        for folder in ("/media", "/media/public", "/media/private"):
            address = f"{town.endpoints.base_url}{folder}/{media['id']}/original.{extension}"
            assert fetch(address).status_code in (403, 404)
    body = {"clientPostId": "x", "text": "x", "mediaIds": [media["id"]]}
    assert owner.refused("POST", "/v1/posts", body).status == 422
    assert town.person().refused("GET", path).status == 404


def test_the_storage_accepts_only_the_permitted_upload(town: Town) -> None:
    owner = town.person()
    made = owner.api.post("/v1/media", {"kind": "audio", "contentType": "audio/wav", "bytes": 10})
    upload = made["upload"]
    assert _try(upload, {**upload["fields"], "key": "media/evil/original.jpg"}, b"x" * 10) in (400, 403)
    assert _try(upload, {**upload["fields"], "Content-Type": "text/html"}, b"x" * 10) in (400, 403)
    assert _try(upload, upload["fields"], b"") in (400, 403)
    assert _try(upload, upload["fields"], b"x" * (20 * 1024 * 1024 + 1)) in (400, 403)
    unsigned = fetch(upload["url"].rstrip("/") + "/" + upload["fields"]["key"])
    assert unsigned.status_code in (403, 404)


def test_media_of_other_people_can_be_neither_changed_nor_used(town: Town) -> None:
    owner, other = town.person(), town.person()
    media_id = owner.api.upload("photo", "image/jpeg", photo_with_place())
    assert other.refused("PATCH", f"/v1/media/{media_id}", {"altText": "mine"}).status == 404
    body = {"clientPostId": "x", "text": "x", "mediaIds": [media_id]}
    assert other.refused("POST", "/v1/posts", body).status == 422
    avatar = {"handle": other.handle, "displayName": "x", "avatarMediaId": media_id}
    assert other.refused("PUT", "/v1/me", avatar).status == 422


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "kind"),
        ({"kind": "book", "contentType": "image/jpeg", "bytes": 1}, 400, "kind"),
        ({"kind": "photo", "contentType": "image/svg+xml", "bytes": 1}, 400, "contentType"),
        ({"kind": "photo", "contentType": "video/mp4", "bytes": 1}, 400, "contentType"),
        ({"kind": "photo", "contentType": "image/jpeg", "bytes": 0}, 400, "bytes"),
        ({"kind": "photo", "contentType": "image/jpeg", "bytes": "many"}, 400, "bytes"),
        ({"kind": "photo", "contentType": "image/jpeg", "bytes": 11 * 1024 * 1024}, 413, "bytes"),
        ({"kind": "photo", "contentType": "image/jpeg", "bytes": 1, "altText": "x" * 1501}, 400, "altText"),
    ],
)
def test_an_invalid_upload_request_is_refused_with_the_expected_values(
    town: Town, body: object, status: int, field: str
) -> None:
    problem = town.person().refused("POST", "/v1/media", body)
    assert problem.status == status, problem
    assert field in [error["field"] for error in problem.document["errors"]], problem


def _send(upload: dict[str, object], content: bytes) -> None:
    assert _try(upload, upload["fields"], content) in (200, 201, 204)


def _try(upload: dict[str, object], fields: object, content: bytes) -> int:
    answer = httpx.post(str(upload["url"]), data=fields, files={"file": ("upload", content)}, timeout=60)  # type: ignore[arg-type]
    return answer.status_code


def _served(town: Town, path: str) -> httpx.Response:
    answer = fetch(town.endpoints.base_url + path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer
