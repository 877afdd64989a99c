"""Hostile uploads through the real bucket, processor and edge: refused with a reason or cleaned, never served."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import boto3
import httpx
from PIL import Image

from emulation.settings import REGION
from infra.constants import MEDIA_ACCESS_PARAMETER
from kit.settings import Settings
from services.common.signed_urls import encode, policy_of, sign
from tests.support import hostile
from tests.support.files import PLACE_IN_EXIF, clip, photo_with_place
from tests.support.people import Person, Town, eventually, fetch

_NAMES = ("original.jpg", "original.png", "original.gif", "original.mp4", "original.wav", "thumb.webp", "w640.avif")


def aws(town: Town, service: str) -> Any:
    """Clients of the account's owner, so that access control hides no stored object."""
    keys = Settings.load().emulation.credentials.for_boto3()
    return boto3.client(service, endpoint_url=town.endpoints.emulator_url, region_name=REGION, **keys)


def send(owner: Person, kind: str, content_type: str, content: bytes, declared: int | None = None) -> tuple[str, int]:
    """Upload with a policy, using the form as a browser fills it; returns the media id and the bucket's status."""
    asked = {"kind": kind, "contentType": content_type, "bytes": declared or len(content)}
    made = owner.api.post("/v1/media", asked)
    return str(made["media"]["id"]), send_form(made["upload"], content)


def send_form(form: dict[str, Any], content: bytes) -> int:
    files = {"file": ("holiday." + form["fields"]["Content-Type"].partition("/")[2], content)}
    return httpx.post(Settings.load().reach(form["url"]), data=form["fields"], files=files, timeout=60).status_code


def settled(owner: Person, media_id: str) -> dict[str, Any]:
    media: dict[str, Any] = eventually(
        lambda: owner.api.get(f"/v1/media/{media_id}"), lambda one: one["state"] in ("ready", "rejected"), media_id, 90
    )
    return media


def signature(town: Town, folder: str) -> str:
    """A signature for a whole folder, which even the functions' own key would not make for a refused file."""
    access = json.loads(aws(town, "ssm").get_parameter(Name=MEDIA_ACCESS_PARAMETER)["Parameter"]["Value"])
    policy = policy_of(f"{access['origin']}{folder}*", int(time.time()) + 300)
    signed = sign((Settings.load().home / "keys" / "media.pem").read_text(), policy)
    return f"Policy={encode(policy)}&Signature={encode(signed)}&Key-Pair-Id={access['keyPairId']}"


def check_nobody_gets_it(town: Town, owner: Person, media_id: str) -> None:
    """Neither stored nor served: by the edge with or without a signature, by the bucket, to anybody."""
    bucket = town.endpoints.document["outputs"]["MediaBucket"]
    upload = f"uploads/{owner.id}/{media_id}"
    folders = (f"media/private/{media_id}/", f"media/public/{media_id}/")
    found = [aws(town, "s3").list_objects_v2(Bucket=bucket, Prefix=one).get("KeyCount") for one in (*folders, upload)]
    assert found == [0, 0, 0], "objects of a refused file are stored"
    paths = [f"/{folder}{name}" for folder in folders for name in _NAMES] + [f"/{upload}"]
    signed = [f"{path}?{signature(town, path.rpartition('/')[0] + '/')}" for path in paths]
    with httpx.Client(timeout=60) as client:
        for path in paths + signed:
            answer = client.get(town.endpoints.base_url + path)
            # An upload has no URL at the distribution.
            assert answer.status_code == (404 if path.startswith("/uploads/") else 403), path
        for path in paths:
            assert client.get(f"{town.endpoints.emulator_url}/{bucket}{path}").status_code == 403, path
    media = owner.api.get(f"/v1/media/{media_id}")
    assert (media["url"], media["thumbnailUrl"], media["variants"]) == (None, None, [])
    body = {"clientPostId": media_id, "text": "x", "mediaIds": [media_id]}
    assert owner.refused("POST", "/v1/posts", body).status == 422
    assert town.person().refused("GET", f"/v1/media/{media_id}").status == 404


def refused(town: Town, kind: str, content_type: str, content: bytes, reason: str) -> None:
    owner = town.person()
    media_id, status = send(owner, kind, content_type, content)
    assert status in (200, 201, 204)
    media = settled(owner, media_id)
    assert (media["state"], media["reason"]) == ("rejected", reason)
    check_nobody_gets_it(town, owner, media_id)


def cleaned(town: Town, content_type: str, content: bytes, *traces: bytes) -> None:
    """The upload is accepted, and every size is a picture of that type without the traces that the upload contained."""
    assert all(trace in content for trace in traces)
    owner = town.person()
    media_id, _ = send(owner, "photo", content_type, content)
    media = settled(owner, media_id)
    assert media["state"] == "ready", media
    for url in (media["url"], media["thumbnailUrl"], *(one["url"] for one in media["variants"])):
        answer = fetch(town.endpoints.base_url + url)
        assert answer.status_code == 200, url
        assert answer.headers["content-type"].startswith("image/")
        assert answer.headers["x-content-type-options"] == "nosniff"
        for trace in (hostile.SCRIPT, b"PK\x03\x04", *traces):
            assert trace not in answer.content, (url, trace)
        with Image.open(io.BytesIO(answer.content)) as picture:
            picture.load()
            assert not picture.getexif()
            assert not {"comment", "Comment", "xmp", "XML:com.adobe.xmp"} & set(picture.info)


def test_an_svg_with_a_script_named_jpg_is_refused(town: Town) -> None:
    refused(town, "photo", "image/jpeg", hostile.svg_with_script(), "type-mismatch")


def test_an_svg_with_a_script_named_png_is_refused(town: Town) -> None:
    refused(town, "photo", "image/png", hostile.svg_with_script(), "type-mismatch")


def test_a_page_named_png_is_refused(town: Town) -> None:
    refused(town, "photo", "image/png", hostile.html(), "type-mismatch")


def test_a_video_named_jpg_is_refused(town: Town) -> None:
    refused(town, "photo", "image/jpeg", clip("mp4", 1), "type-mismatch")


def test_a_photo_declared_as_another_type_is_refused(town: Town) -> None:
    refused(town, "photo", "image/webp", photo_with_place(), "type-mismatch")


def test_a_picture_that_unpacks_to_a_gigabyte_is_refused(town: Town) -> None:
    refused(town, "photo", "image/png", hostile.png_bomb(), "too-many-pixels")


def test_a_description_that_unpacks_to_100_megabytes_is_left_packed_and_left_out(town: Town) -> None:
    cleaned(town, "image/png", hostile.png_text_bomb(), b"zTXt")


def test_a_truncated_video_is_refused(town: Town) -> None:
    refused(town, "video", "video/mp4", hostile.truncated_video(), "unreadable")


def test_a_video_that_declares_ten_hours_is_refused(town: Town) -> None:
    refused(town, "video", "video/mp4", hostile.video_that_declares_ten_hours(), "wrong-duration")


def test_sound_that_declares_ten_hours_is_refused(town: Town) -> None:
    refused(town, "audio", "audio/wav", hostile.sound_that_declares_ten_hours(), "wrong-duration")


def test_a_gif_that_is_a_script_becomes_a_plain_picture(town: Town) -> None:
    cleaned(town, "image/gif", hostile.gif_that_is_a_script(), b"/*")


def test_an_archive_appended_to_a_photo_is_removed(town: Town) -> None:
    cleaned(town, "image/jpeg", hostile.jpeg_with_archive(), b"page.html")


def test_every_size_of_a_photo_is_without_its_location(town: Town) -> None:
    cleaned(town, "image/jpeg", photo_with_place(), PLACE_IN_EXIF, b"secret place", b"Exif\0\0")


def test_every_size_of_a_png_is_without_its_text_chunks(town: Town) -> None:
    cleaned(town, "image/png", hostile.png_with_descriptions(), b"xmpmeta")


def test_a_repeated_upload_form_changes_nothing(town: Town) -> None:
    owner, photo = town.person(), photo_with_place()
    made = owner.api.post("/v1/media", {"kind": "photo", "contentType": "image/jpeg", "bytes": len(photo)})
    send_form(made["upload"], photo)
    ready = settled(owner, made["media"]["id"])
    before = fetch(town.endpoints.base_url + ready["url"]).content
    send_form(made["upload"], hostile.html())
    bucket, upload = town.endpoints.document["outputs"]["MediaBucket"], f"uploads/{owner.id}/{ready['id']}"
    waiting = lambda: aws(town, "s3").list_objects_v2(Bucket=bucket, Prefix=upload)["KeyCount"]  # noqa: E731
    eventually(waiting, lambda count: count == 0, "the second upload to be removed")
    assert owner.api.get(f"/v1/media/{ready['id']}") == ready
    assert fetch(town.endpoints.base_url + ready["url"]).content == before


def test_storage_refuses_an_upload_larger_than_declared(town: Town) -> None:
    owner = town.person()
    media_id, status = send(owner, "photo", "image/jpeg", photo_with_place(), declared=1_000)
    assert status == 400
    assert owner.api.get(f"/v1/media/{media_id}")["state"] == "pending"
    check_nobody_gets_it(town, owner, media_id)
