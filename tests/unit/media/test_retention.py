"""Media are kept while something references them, in any order of events; all others are deleted with their objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from services.common.events import PostMediaChanged, from_document
from services.common.ids import new_id
from services.common.streams import Change
from services.media import retention
from services.media.model import Kind, Media, State, public_folder
from services.media.retention import Keeper, collect


@dataclass
class World:
    """Table and bucket in memory; ``shown`` holds (post or person, media id) pairs."""

    media: dict[str, Media] = field(default_factory=dict)
    shown: set[tuple[str, str]] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    forgotten: list[str] = field(default_factory=list)
    disturb: bool = False
    later: list[str] = field(default_factory=list)

    def add(self, owner: str = "owner") -> str:
        one = Media(new_id(), owner, Kind.PHOTO, State.READY, "image/jpeg", 1, "2026-01-01T00:00:00.000Z", expires_at=9)
        self.media[one.id] = one
        self.objects |= {f"media/private/{one.id}/original.jpg", f"uploads/{owner}/{one.id}"}
        return one.id

    def hold(self, media_id: str, user: str) -> bool:
        if media_id not in self.media:
            return False
        one = self.media[media_id]
        self.media[media_id] = replace(one, used_by=one.used_by | {user}, expires_at=None, version=one.version + 1)
        return True

    def release(self, media_id: str, user: str) -> Media | None:
        one = self.media.get(media_id)
        if one is not None:
            self.media[media_id] = replace(one, used_by=one.used_by - {user}, version=one.version + 1)
        return self.media.get(media_id)

    def discard(self, media: Media) -> bool:
        if self.disturb or self.media[media.id].version != media.version:
            return False
        del self.media[media.id]
        return True

    def replace(self, media: Media) -> Media | None:
        if self.disturb or self.media[media.id].version != media.version:
            return None
        self.media[media.id] = replace(media, version=media.version + 1)
        return self.media[media.id]

    def of_owner(self, owner_id: str) -> Iterable[Media]:
        return [one for one in self.media.values() if one.owner_id == owner_id]

    def remove_below(self, prefix: str) -> int:
        found = {key for key in self.objects if key.startswith(prefix)}
        self.objects -= found
        return len(found)

    def remove(self, key: str) -> None:
        self.objects.discard(key)

    def forget(self, prefixes: Iterable[str]) -> None:
        self.forgotten += prefixes

    def get(self, media_id: str) -> Media | None:
        return self.media.get(media_id)

    def shows(self, kind: str, author_id: str, identity: str, media_id: str) -> bool:
        return (identity, media_id) in self.shown

    def hear(self, event: str, **data: object) -> None:
        """Handles an event, and then the deferred work."""
        version = 2 if "owners" in data else 1
        told = {"id": new_id(), "type": event, "actor": "someone", "data": data, "version": version}
        self.keeper.handle(from_document(told))
        while self.later:
            self.keeper.discard(self.later.pop())

    @property
    def keeper(self) -> Keeper:
        return Keeper(self, self, self, self.later.append)

    def post(self, post: str, *media: str) -> None:
        self.hear("post.media_changed", kind="post", id=post, authorId="owner", mediaIds=list(media))


@pytest.fixture
def in_a_day(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(retention, "epoch_in", lambda hours: hours)
    return 24


def test_a_published_draft_keeps_its_media_in_any_order_of_events(in_a_day: int) -> None:
    world = World()
    one = world.add()
    world.hold(one, "SCHEDULED#s")
    world.shown = {("p", one)}
    taken_off = PostMediaChanged(
        cause="c", actor="owner", item_kind="scheduled", item_id="s", author_id="owner", media_ids=(one,)
    )
    world.keeper.handle(taken_off)
    # However late the post's event is: the medium is kept for a day.
    assert world.later == []
    assert (world.media[one].used_by, world.media[one].expires_at) == (frozenset(), in_a_day)
    world.post("p", one)
    assert world.media[one].expires_at is None
    assert world.media[one].used_by == {"POST#p"}


def test_media_of_a_post_are_kept_until_the_post_drops_them() -> None:
    world = World()
    one = world.add()
    world.shown.add(("p", one))
    world.post("p", one)
    world.post("p", one)
    assert world.media[one].used_by == {"POST#p"}
    assert world.media[one].expires_at is None
    world.shown.clear()
    world.post("p", one)
    world.post("p", one)
    assert world.media == {}


def test_a_medium_of_two_posts_stays_until_both_are_gone() -> None:
    world = World()
    one = world.add()
    world.shown = {("p", one), ("q", one)}
    world.post("p", one)
    world.post("q", one)
    world.shown = {("q", one)}
    world.post("p", one)
    assert world.media[one].used_by == {"POST#q"}


def test_a_late_publish_event_does_not_restore_deleted_media() -> None:
    """All events of a post arrive after its deletion: its references are read from the table, not from the events."""
    world = World()
    one, two = world.add(), world.add()
    world.hold(one, "POST#q")
    for _ in ("deleted", "published", "published again"):
        world.post("p", one, two)
    assert set(world.media) == {one}
    assert world.media[one].used_by == {"POST#q"}


def test_a_changed_avatar_is_no_longer_public_but_its_photo_stays_in_posts() -> None:
    world = World()
    one = world.add()
    world.hold(one, "POST#p")
    world.shown = {("owner", one)}
    world.objects.add(f"media/public/{one}/thumb.webp")
    world.hear("profile.pictured", userId="owner", mediaIds=[one])
    assert f"media/public/{one}/thumb.webp" in world.objects
    world.shown.clear()
    world.hear("profile.pictured", userId="owner", mediaIds=[one])
    assert f"media/public/{one}/thumb.webp" not in world.objects
    assert world.forgotten == [f"media/public/{one}/"]
    assert world.media[one].used_by == {"POST#p"}


def test_media_are_deleted_with_the_last_message_that_shows_them() -> None:
    world = World()
    one = world.add()
    world.shown = {("c#1", one), ("c#2", one)}
    for seq in (1, 2):
        world.hear("chat.media_changed", conversationId="c", seq=seq, mediaIds=[one])
    assert world.media[one].used_by == {"MESSAGE#c#1", "MESSAGE#c#2"}
    assert world.media[one].expires_at is None
    world.shown.discard(("c#1", one))
    world.hear("chat.media_changed", conversationId="c", seq=1, mediaIds=[one])
    assert world.media[one].used_by == {"MESSAGE#c#2"}
    world.shown.clear()
    for _ in range(2):
        world.hear("chat.media_changed", conversationId="c", seq=2, mediaIds=[one])
    assert world.media == {}


def test_a_late_message_event_does_not_restore_deleted_media() -> None:
    world = World()
    one = world.add()
    world.hear("chat.media_changed", conversationId="c", seq=1, mediaIds=[one])
    world.hear("chat.media_changed", conversationId="c", seq=1, mediaIds=[one])
    assert world.media == {}


def test_a_replaced_picture_of_a_group_is_neither_public_nor_kept() -> None:
    world = World()
    one = world.add()
    world.objects.add(f"media/public/{one}/thumb.webp")
    world.shown = {("g", one)}
    world.hear("chat.media_changed", conversationId="g", seq=0, mediaIds=[one])
    assert world.media[one].used_by == {"GROUP#g"}
    world.shown.clear()
    world.hear("chat.media_changed", conversationId="g", seq=0, mediaIds=[one])
    assert f"media/public/{one}/thumb.webp" not in world.objects
    assert world.forgotten == [f"media/public/{one}/"]
    assert world.media == {}


@pytest.mark.parametrize("heard", [True, False], ids=["heard-of", "chosen-just-now"])
def test_a_picture_stays_public_while_another_profile_or_group_uses_it(heard: bool) -> None:
    world = World()
    one = world.add()
    public = f"media/public/{one}/thumb.webp"
    world.objects.add(public)
    world.hold(one, "GROUP#g")
    world.shown = {("owner", one)}
    if heard:
        world.hold(one, "PROFILE#owner")
        world.shown.clear()
    world.hear("chat.media_changed", conversationId="g", seq=0, mediaIds=[one])
    assert public in world.objects
    assert world.forgotten == []


def test_an_avatar_that_is_changed_stays_public_for_a_group() -> None:
    world = World()
    one = world.add()
    public = f"media/public/{one}/thumb.webp"
    world.objects.add(public)
    for user in ("PROFILE#owner", "GROUP#g"):
        world.hold(one, user)
    world.hear("profile.pictured", userId="owner", mediaIds=[one])
    assert public in world.objects
    assert world.media[one].used_by == {"GROUP#g"}


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("post.media_changed", {"kind": "draft", "id": "d", "authorId": "stranger"}),
        ("post.media_changed", {"kind": "scheduled", "id": "d", "authorId": "stranger"}),
        ("post.media_changed", {"kind": "post", "id": "d", "authorId": "stranger"}),
        ("profile.pictured", {"userId": "stranger"}),
        ("chat.media_changed", {"conversationId": "d", "seq": 0}),
        ("chat.media_changed", {"conversationId": "d", "seq": 1}),
    ],
    ids=["draft", "scheduled", "post", "profile", "group", "message"],
)
def test_use_by_a_stranger_neither_keeps_nor_discards_a_medium(event: str, data: dict[str, object]) -> None:
    world = World()
    one = world.add()
    public = f"{public_folder(one)}thumb.webp"
    world.objects.add(public)
    data |= {"mediaIds": [one]} | ({"owners": {one: "stranger"}} if event.startswith("chat") else {})
    world.shown = {(identity, one) for identity in ("d", "d#1", "stranger")}
    world.hear(event, **data)
    assert (world.media[one].used_by, world.media[one].expires_at) == (frozenset(), 9)
    world.shown.clear()
    world.hear(event, **data)
    assert (world.media[one].used_by, world.media[one].expires_at) == (frozenset(), 9)
    assert public in world.objects


def test_an_old_reference_by_a_stranger_is_removed_and_the_medium_kept() -> None:
    world = World()
    one = world.add()
    world.hold(one, "DRAFT#d")
    world.hear("post.media_changed", kind="draft", id="d", authorId="stranger", mediaIds=[one])
    assert world.media[one].used_by == frozenset()


def test_a_deleted_draft_leaves_its_media_for_a_day_and_those_of_posts_for_good(in_a_day: int) -> None:
    world = World()
    unposted, posted = world.add(), world.add()
    for one in (unposted, posted):
        world.hold(one, "DRAFT#d")
    world.hold(posted, "POST#p")
    for _ in range(2):
        world.hear("post.media_changed", kind="draft", id="d", authorId="owner", mediaIds=[unposted, posted])
    assert (world.media[unposted].used_by, world.media[unposted].expires_at) == (frozenset(), in_a_day)
    assert (world.media[posted].used_by, world.media[posted].expires_at) == ({"POST#p"}, None)


def test_a_medium_changed_while_its_draft_is_deleted_is_retried() -> None:
    world = World(disturb=True)
    one = world.add()
    world.hold(one, "DRAFT#d")
    with pytest.raises(RuntimeError, match="changed"):
        world.hear("post.media_changed", kind="draft", id="d", authorId="owner", mediaIds=[one])


def test_deleting_a_person_deletes_their_media() -> None:
    world = World()
    world.add("leaver")
    world.hold(world.add("leaver"), "POST#p")
    stays = world.add("other")
    world.hear("user.deleted", userId="leaver")
    assert set(world.media) == {stays}


def test_a_medium_changed_in_between_is_retried() -> None:
    world = World(disturb=True)
    one = world.add()
    with pytest.raises(RuntimeError, match="changed"):
        world.post("p", one)


def test_deleting_the_item_deletes_its_objects_and_invalidates_cloudfront() -> None:
    world = World()
    one, other = world.add(), world.add()
    image = {"type": "media", "id": one, "ownerId": "owner", "state": "ready"}
    removed = Change("e1", image, None)
    changed = Change("e2", {**image, "id": other}, {**image, "id": other})
    for _ in range(2):
        collect([removed, changed], world)
    assert world.objects == {f"media/private/{other}/original.jpg", f"uploads/owner/{other}"}
    assert set(world.forgotten) == {f"media/private/{one}/"}


def test_deleted_media_are_invalidated_only_if_they_were_served() -> None:
    world = World()
    served, pending = world.add(), world.add()
    world.objects.clear()
    images = [
        {"type": "media", "id": one, "ownerId": "owner", "state": state}
        for one, state in ((served, "ready"), (pending, "pending"))
    ]
    collect([Change(f"e{number}", image, None) for number, image in enumerate(images)], world)
    assert world.forgotten == [f"media/private/{served}/"]


@pytest.mark.parametrize("state", ["ready", "pending"])
def test_public_copies_are_invalidated_even_after_a_failed_attempt(state: str) -> None:
    world = World()
    one = world.add()
    world.objects.clear()
    image = {"type": "media", "id": one, "ownerId": "owner", "state": state, "usedBy": {"POST#p", "PROFILE#owner"}}
    collect([Change("e", image, None)], world)
    expected = [f"media/private/{one}/", f"media/public/{one}/"] if state == "ready" else []
    assert world.forgotten == expected


def test_a_repeated_event_invalidates_a_released_picture_again() -> None:
    world = World()
    one = world.add()
    world.hold(one, "POST#p")
    for _ in range(2):
        world.hear("profile.pictured", userId="owner", mediaIds=[one])
    assert world.forgotten == [f"media/public/{one}/"] * 2
