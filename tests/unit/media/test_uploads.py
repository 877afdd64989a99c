"""Multipart uploads: validation, resumption, completion and abort."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.common.errors import AppError, Conflict, NotFound, Unprocessable
from services.media.commands import MediaCommands
from services.media.model import Kind, Media, State, parse_upload_key, public_key, served_key, upload_key
from services.media.uploads import PART_BYTES, Uploads, parts_resource, sizes


class World:
    """Table and bucket in memory."""

    def __init__(self) -> None:
        self.media: dict[str, Media] = {}
        self.arrived: dict[int, int] | None = None
        self.completed: list[str] = []
        self.aborted: list[str] = []
        self.commands, self.uploads = MediaCommands(self, self), Uploads(self, self)

    def begin(self, size: int) -> Media:
        media, _ = self.commands.begin_parts("owner", Kind.VIDEO, "video/mp4", size, "")
        return media

    def get(self, media_id: str) -> Media | None:
        return self.media.get(media_id)

    def create(self, media: Media) -> None:
        self.media[media.id] = media

    def replace(self, media: Media) -> Media | None:
        self.media[media.id] = replace(media, version=media.version + 1)
        return self.media[media.id]

    def discard(self, media: Media) -> bool:
        return self.media.pop(media.id, None) is not None

    def permit(self, key: str, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        raise AssertionError("no form is wanted")

    def begin_parts(self, key: str, content_type: str) -> str:
        self.arrived = {}
        return "upload"

    def part_url(self, key: str, upload_id: str, number: int, size: int, seconds: int) -> str:
        return f"https://s3.example/{key}?partNumber={number}&size={size}"

    def parts(self, key: str, upload_id: str) -> dict[int, int] | None:
        return self.arrived

    def complete_parts(self, key: str, upload_id: str) -> None:
        self.completed.append(key)
        self.arrived = None

    def abort_parts(self, key: str, upload_id: str) -> None:
        self.aborted.append(key)

    def remove(self, key: str) -> None: ...


def test_part_sizes_add_up_to_the_total() -> None:
    for total in (1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES):
        assert sum(sizes(total)) == total
        assert all(one == PART_BYTES for one in sizes(total)[:-1])


def test_a_resumed_upload_requests_missing_parts_and_completes_once() -> None:
    world = World()
    media = world.begin(2 * PART_BYTES + 5)
    assert world.arrived == {}
    world.arrived = {2: PART_BYTES, 3: 4}
    found = parts_resource(world.uploads.parts("owner", media.id))["parts"]
    assert [(one["number"], one["bytes"], one["done"]) for one in found] == [
        (1, PART_BYTES, False),
        (2, PART_BYTES, True),
        (3, 5, False),
    ]
    assert [one["url"] is None for one in found] == [False, True, False]
    with pytest.raises(Unprocessable, match="incomplete"):
        world.uploads.complete("owner", media.id)
    world.arrived = {1: PART_BYTES, 2: PART_BYTES, 3: 5}
    first = world.uploads.complete("owner", media.id)
    assert world.uploads.complete("owner", media.id) == first
    assert world.completed == [f"uploads/owner/{media.id}"]
    with pytest.raises(Conflict):
        world.uploads.parts("owner", media.id)


def test_parts_larger_than_permitted_are_not_assembled() -> None:
    world = World()
    media = world.begin(10)
    world.arrived = {1: 10, 2: 100}
    with pytest.raises(Unprocessable):
        world.uploads.complete("owner", media.id)
    assert world.completed == []


def test_an_end_whose_answer_was_lost_can_be_repeated() -> None:
    world = World()
    media = world.begin(10)
    world.arrived = None
    assert world.uploads.complete("owner", media.id).upload_id is None
    assert world.completed == []


def test_cancelling_drops_the_parts_but_media_in_use_stay() -> None:
    world = World()
    media = world.begin(10)
    world.uploads.discard("owner", media.id)
    assert world.aborted == [f"uploads/owner/{media.id}"]
    assert world.media == {}
    shown = replace(world.begin(10), used_by=frozenset({"POST#x"}), state=State.READY)
    world.media[shown.id] = shown
    with pytest.raises(Conflict):
        world.uploads.discard("owner", shown.id)


@pytest.mark.parametrize("what", ["parts", "complete", "discard"])
def test_uploads_of_other_people_are_not_found(what: str) -> None:
    world = World()
    media = world.begin(10)
    error: type[AppError] = NotFound
    with pytest.raises(error):
        getattr(world.uploads, what)("thief", media.id)
    assert world.media[media.id] == media


def test_an_upload_key_is_parsed_and_other_keys_are_refused() -> None:
    assert parse_upload_key(upload_key("owner", "m")) == ("owner", "m")
    for key in ("media/owner/m", "uploads/owner", "uploads/owner/m/more", "", "uploads"):
        with pytest.raises(ValueError, match="expected uploads/<owner>/<media>, got"):
            parse_upload_key(key)


def test_public_and_private_media_have_separate_keys() -> None:
    assert public_key("m", "w1280.webp") == "media/public/m/w1280.webp"
    assert served_key("m", "w1280.webp") == "media/private/m/w1280.webp"
