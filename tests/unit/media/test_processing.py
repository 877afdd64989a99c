"""Uploads are checked by content, cleaned and settled, with bucket and table in memory."""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from services.common.ids import new_id
from services.media.inspection import Refused, content_types
from services.media.model import Kind, Media, State, upload_key
from services.media.processing import Processor, prepare
from tests.support import hostile
from tests.support.files import PLACE, mp3_without_header, mp4, photo_with_place, tagged_sound, wav, webm


class FakeStore:
    def __init__(self, media: Media) -> None:
        self.media = {media.id: media}
        self.interrupt: Media | None = None

    def get(self, media_id: str) -> Media | None:
        return self.media.get(media_id)

    def replace(self, media: Media) -> Media | None:
        if self.interrupt is not None:
            self.media[media.id], self.interrupt = self.interrupt, None
        if self.media[media.id].version != media.version:
            return None
        self.media[media.id] = replace(media, version=media.version + 1)
        return self.media[media.id]


class FakeFiles:
    def __init__(self, **objects: bytes) -> None:
        self.objects = dict(objects)

    def find(self, key: str) -> tuple[int, str] | None:
        return (len(self.objects[key]), _tag(self.objects[key])) if key in self.objects else None

    def fetch(self, key: str, tag: str, path: Path) -> bool:
        if _tag(self.objects.get(key, b"")) != tag:
            return False
        path.write_bytes(self.objects[key])
        return True

    def store(self, path: Path, key: str, content_type: str) -> None:
        self.objects.setdefault(key, path.read_bytes())

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)

    def remove_below(self, prefix: str) -> int:
        found = [key for key in self.objects if key.startswith(prefix)]
        for key in found:
            del self.objects[key]
        return len(found)


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class World:
    def __init__(self, content: bytes, kind: Kind = Kind.PHOTO, content_type: str = "image/jpeg") -> None:
        self.media = Media(
            new_id(), "owner", kind, State.PENDING, content_type, len(content), "2026-01-01T00:00:00.000Z", "alt"
        )
        self.key = upload_key("owner", self.media.id)
        self.store, self.files = FakeStore(self.media), FakeFiles(**{self.key: content})
        self.told: list[Media] = []
        self.processor = Processor(self.store, self.files, self.told.append)

    @property
    def now(self) -> Media:
        return self.store.media[self.media.id]


def made(content: bytes, kind: Kind, content_type: str, scratch: Path) -> tuple[tuple[int | None, ...], bytes]:
    upload = scratch / "upload"
    upload.write_bytes(content)
    ready = prepare(kind, content_type, upload, scratch)
    facts = (ready.facts.width, ready.facts.height, ready.facts.duration_ms)
    return facts, ready.original.read_bytes()


def test_a_photo_becomes_ready_and_its_upload_is_deleted() -> None:
    world = World(photo_with_place())
    world.processor.process(world.key)
    assert [one.state for one in world.told] == [State.PROCESSING, State.READY]
    folder = f"media/private/{world.media.id}/"
    assert sorted(world.files.objects) == [f"{folder}{name}" for name in ("original.jpg", "thumb.webp", "w480.avif")]
    assert world.now.bytes == len(world.files.objects[f"{folder}original.jpg"])
    world.processor.process(world.key)
    assert world.told[-1] == world.told[-2] == world.now


def test_a_file_with_a_false_type_is_rejected_and_not_stored() -> None:
    world = World(b"<script>alert(1)</script>")
    world.processor.process(world.key)
    assert (world.now.state, world.now.reason) == (State.REJECTED, "type-mismatch")
    assert world.files.objects == {}


def test_a_medium_discarded_during_processing_leaves_nothing() -> None:
    world = World(photo_with_place())
    store = world.files.store

    def thrown_away(path: Path, key: str, content_type: str) -> None:
        store(path, key, content_type)
        world.store.media.clear()

    world.files.store = thrown_away  # type: ignore[method-assign]
    world.processor.process(world.key)
    assert world.files.objects == {}


def test_an_upload_without_a_permit_is_removed() -> None:
    world = World(photo_with_place())
    stolen = upload_key("thief", world.media.id)
    world.files.objects[stolen] = photo_with_place()
    world.processor.process(stolen)
    assert world.now == world.media
    assert stolen not in world.files.objects
    with pytest.raises(ValueError, match="expected uploads"):
        world.processor.process("elsewhere/x")


def test_a_missing_upload_changes_nothing() -> None:
    world = World(b"")
    world.files.objects.clear()
    world.processor.process(world.key)
    assert world.now == world.media
    assert world.told == []


def test_a_description_written_meanwhile_is_kept() -> None:
    world = World(photo_with_place())
    world.store.interrupt = replace(world.media, alt_text="new", version=2)
    world.processor.process(world.key)
    assert (world.now.state, world.now.alt_text) == (State.READY, "new")


def test_a_second_upload_of_a_processed_medium_is_removed_unread() -> None:
    world = World(photo_with_place())
    world.processor.process(world.key)
    ready, served = world.now, dict(world.files.objects)
    world.files.objects[world.key] = b"<script>alert(1)</script>"
    world.processor.process(world.key)
    assert (world.now, world.files.objects) == (ready, served)


def _processing(world: World, tag: str) -> None:
    """Sets the state that an attempt leaves after it claimed the upload with this tag, whether it runs or crashed."""
    one = world.now
    world.store.media[one.id] = replace(one, state=State.PROCESSING, upload_tag=tag, version=one.version + 1)


def test_another_upload_in_place_of_the_one_that_is_examined_is_refused() -> None:
    world = World(photo_with_place())
    _processing(world, _tag(b"the first one"))
    world.processor.process(world.key)
    assert (world.now.state, world.now.reason) == (State.REJECTED, "replaced")
    assert world.files.objects == {}


def test_processing_resumes_after_an_attempt_that_died() -> None:
    world = World(photo_with_place())
    _processing(world, _tag(world.files.objects[world.key]))
    world.processor.process(world.key)
    assert world.now.state is State.READY


def test_an_upload_that_changes_before_it_is_read_is_refused() -> None:
    world = World(photo_with_place())
    find = world.files.find

    def overwritten(key: str) -> tuple[int, str] | None:
        found = find(key)
        world.files.objects[key] = photo_with_place() + b"\0"
        return found

    world.files.find = overwritten  # type: ignore[method-assign]
    world.processor.process(world.key)
    assert (world.now.state, world.now.reason) == (State.REJECTED, "replaced")


@pytest.mark.parametrize("first", [State.READY, State.REJECTED])
def test_the_first_result_of_two_attempts_stays(first: State) -> None:
    world = World(photo_with_place())
    store = world.files.store

    def overtaken(path: Path, key: str, content_type: str) -> None:
        store(path, key, content_type)
        one = world.now
        if one.state is State.PROCESSING:
            world.store.media[one.id] = replace(one, state=first, reason="unreadable", version=one.version + 1)

    world.files.store = overtaken  # type: ignore[method-assign]
    world.processor.process(world.key)
    assert (world.now.state, world.now.reason) == (first, "unreadable")
    assert bool(world.files.objects) is (first is State.READY)


def test_a_photo_is_reencoded(tmp_path: Path) -> None:
    (width, height, _), clean = made(photo_with_place(), Kind.PHOTO, "image/jpeg", tmp_path)
    assert (width, height) == (480, 640)
    assert b"Exif" not in clean
    assert b"secret" not in clean
    assert (tmp_path / "thumb.webp").read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA"])
@pytest.mark.parametrize(("kind", "extension"), [("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_pictures_of_every_mode_keep_format_and_size(tmp_path: Path, mode: str, kind: str, extension: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, kind)
    facts, clean = made(out.getvalue(), Kind.PHOTO, f"image/{extension}", tmp_path)
    assert facts[:2] == (30, 20)
    with Image.open(io.BytesIO(clean)) as picture:
        assert (picture.format, picture.size) == (kind, (30, 20))


def test_animations_keep_their_frames(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 100, 200)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200)
    facts, clean = made(out.getvalue(), Kind.PHOTO, "image/gif", tmp_path)
    assert facts == (20, 20, 600)
    with Image.open(io.BytesIO(clean)) as picture:
        assert getattr(picture, "n_frames", 1) == 3


def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(Refused, match="too-many-pixels"):
        made(out.getvalue(), Kind.PHOTO, "image/png", tmp_path)


@pytest.mark.parametrize(
    ("content", "kind", "content_type", "facts"),
    [
        (mp4(3), Kind.VIDEO, "video/mp4", (320, 180, 3000)),
        (mp4(1.5), Kind.VIDEO, "video/quicktime", (320, 180, 1500)),
        (webm(2), Kind.VIDEO, "video/webm", (320, 180, 2000)),
        (webm(2, live=True), Kind.VIDEO, "video/webm", (320, 180, 2000)),
        (webm(4, live=True, video=False), Kind.AUDIO, "audio/webm", (None, None, 4000)),
        (wav(2), Kind.AUDIO, "audio/wav", (None, None, 2000)),
    ],
)
def test_containers_give_size_and_duration_and_lose_their_location(
    tmp_path: Path, content: bytes, kind: Kind, content_type: str, facts: tuple[int | None, ...]
) -> None:
    found, clean = made(content, kind, content_type, tmp_path)
    assert found == facts
    assert len(clean) == len(content)
    assert PLACE not in clean


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/ogg", "audio/wav"])
def test_sound_loses_its_tags_and_places_and_plays_as_before(tmp_path: Path, content_type: str) -> None:
    secret = "GPS 35.6895N 139.6917E"
    content = tagged_sound(content_type, secret)
    assert secret.encode() in content
    (_, _, duration), clean = made(content, Kind.AUDIO, content_type, tmp_path)
    assert duration == pytest.approx(2000, abs=60)
    for trace in (b"GPS", b"35.6895", b"ID3", b"APETAG", b"bext", b"iXML"):
        assert trace not in clean, trace
    assert _sound_of(clean) == _sound_of(content)


def _sound_of(content: bytes) -> bytes:
    """The decoded audio samples."""
    with av.open(io.BytesIO(content)) as file:
        return b"".join(bytes(frame.planes[0]) for frame in file.decode(file.streams.audio[0]))


@pytest.mark.parametrize(
    ("content", "kind", "content_type", "reason"),
    [
        (mp4(1), Kind.AUDIO, "audio/mp4", "type-mismatch"),
        (webm(1), Kind.AUDIO, "audio/webm", "type-mismatch"),
        (webm(1, video=False), Kind.VIDEO, "video/webm", "no-video"),
        (mp4(1)[:-10], Kind.VIDEO, "video/mp4", "unreadable"),
        (webm(1)[:60], Kind.VIDEO, "video/webm", "unreadable"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 20, Kind.VIDEO, "video/webm", "unreadable"),
        (wav(1)[:40], Kind.AUDIO, "audio/wav", "unreadable"),
        (b"OggS" + b"\0" * 50, Kind.AUDIO, "audio/ogg", "unreadable"),
        (b"GIF89a" + b"\xff" * 50, Kind.PHOTO, "image/gif", "unreadable"),
        (b"", Kind.PHOTO, "image/gif", "type-mismatch"),
    ],
)
def test_a_refused_file_gives_its_reason(
    tmp_path: Path, content: bytes, kind: Kind, content_type: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        made(content, kind, content_type, tmp_path)


@pytest.mark.parametrize("whole", [mp4(1), webm(1), webm(1, live=True), wav(1)[:200], photo_with_place()[:700]])
def test_a_file_cut_anywhere_is_refused_or_read_and_nothing_else_happens(tmp_path: Path, whole: bytes) -> None:
    types = {
        b"\0\0\0": (Kind.VIDEO, "video/mp4"),
        b"\x1a\x45\xdf": (Kind.VIDEO, "video/webm"),
        b"RIF": (Kind.AUDIO, "audio/wav"),
        b"\xff\xd8\xff": (Kind.PHOTO, "image/jpeg"),
    }
    kind, content_type = types[whole[:3]]
    for cut in range(0, min(len(whole), 700), 9):
        with contextlib.suppress(Refused):
            made(whole[:cut], kind, content_type, tmp_path)


def test_unknown_content_has_no_type() -> None:
    for head in (b"", b"MZ", b"%PDF-1.7", b"<svg", b"RIFF1234AVI ", b"\xff\xff\xff\xff"):
        assert content_types(head) == frozenset()


def test_more_than_was_declared_is_refused() -> None:
    """The upload policy refuses it earlier; a leaked policy or another bucket might not."""
    world = World(photo_with_place())
    world.files.objects[world.key] += b"\0"
    world.processor.process(world.key)
    assert (world.now.state, world.now.reason) == (State.REJECTED, "too-large")
    assert world.files.objects == {}


@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (hostile.video_that_declares_ten_hours(), Kind.VIDEO, "video/mp4"),
        (hostile.sound_that_declares_ten_hours(), Kind.AUDIO, "audio/wav"),
        (mp4(36_000), Kind.VIDEO, "video/mp4"),
        (webm(36_000, video=False), Kind.AUDIO, "audio/webm"),
    ],
    ids=["mp4", "wav", "mp4-without-packets", "webm-without-packets"],
)
def test_a_false_duration_of_ten_hours_is_refused(
    tmp_path: Path, content: bytes, kind: Kind, content_type: str
) -> None:
    with pytest.raises(Refused, match="wrong-duration"):
        made(content, kind, content_type, tmp_path)


def test_a_long_file_that_holds_what_it_declares_is_taken(tmp_path: Path) -> None:
    facts, _ = made(wav(600), Kind.AUDIO, "audio/wav", tmp_path)
    assert facts == (None, None, 600_000)


def test_a_file_without_a_duration_is_as_long_as_its_packets(tmp_path: Path) -> None:
    (_, _, duration), _ = made(mp3_without_header(30), Kind.AUDIO, "audio/mpeg", tmp_path)
    assert duration == pytest.approx(30_000, abs=200)
