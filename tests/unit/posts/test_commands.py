"""Rules for creating posts, with all dependencies in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.common.errors import BadRequest, Conflict, Forbidden, NotFound, ProfileMissing, Unprocessable
from services.common.relations import NO_RELATION, Relation
from services.posts.commands import NewPost, PostCommands
from services.posts.model import Post, Visibility

MEDIA = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


class FakePosts:
    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.client_ids: dict[tuple[str, str], str] = {}
        self.likes: set[tuple[str, str]] = set()

    def get(self, post_id: str) -> Post | None:
        return self.posts.get(post_id)

    def by_client_id(self, author_id: str, client_post_id: str) -> Post | None:
        return self.posts.get(self.client_ids.get((author_id, client_post_id), ""))

    def create(self, post: Post, also: Sequence[Mapping[str, Any]] = ()) -> bool:
        key = (post.author_id, post.client_post_id)
        if key in self.client_ids:
            return False
        self.client_ids[key] = post.id
        self.posts[post.id] = post
        return True

    def delete(self, post: Post) -> bool:
        self.posts[post.id] = replace(post, deleted=True, version=post.version + 1)
        return not post.deleted

    def like(self, post: Post, user_id: str) -> bool:
        self.likes.add((post.id, user_id))
        return True

    def unlike(self, post_id: str, user_id: str) -> bool:
        self.likes.discard((post_id, user_id))
        return True


class FakePeople:
    def __init__(self, *ids: str) -> None:
        self.ids = set(ids)
        self.edges: set[tuple[str, str]] = set()
        self.blocks: set[tuple[str, str]] = set()

    def author(self, user_id: str) -> Mapping[str, Any] | None:
        return {"id": user_id} if user_id in self.ids else None

    def ids_of_handles(self, handles: Iterable[str]) -> Mapping[str, str]:
        return {one: one for one in handles if one in self.ids}

    def relation(self, viewer: str, other: str) -> Relation:
        return Relation((viewer, other) in self.edges, bool(self.blocked_between(viewer, [other])))

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]:
        return {one for one in others if {(user_id, one), (one, user_id)} & self.blocks}


class FakeLibrary:
    def ready(self, owner_id: str, media_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {one: {"id": one} for one in self.owned(owner_id, media_ids)}

    def owned(self, owner_id: str, media_ids: Sequence[str]) -> set[str]:
        return {one for one in media_ids if owner_id == "anna" and one == MEDIA}


class FakeHome:
    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    def add_own(self, author_id: str, post_id: str, visibility: str) -> None:
        self.entries.append((author_id, post_id))


class World:
    def __init__(self) -> None:
        self.posts, self.people, self.home = FakePosts(), FakePeople("anna", "ben", "cleo"), FakeHome()
        self.commands = PostCommands(self.posts, self.people, FakeLibrary(), self.home)
        self.made = 0

    def publish(self, text: str = "hello", author: str = "anna", **more: Any) -> Post:
        self.made += 1
        draft = NewPost(client_post_id=more.pop("client", str(self.made)), text=text, **more)
        return self.commands.publish(author, draft)[0]


@pytest.fixture
def world() -> World:
    return World()


def test_a_post_is_in_the_authors_home_timeline_at_once(world: World) -> None:
    post = world.publish("hi @ben @nobody")
    assert world.home.entries == [("anna", post.id)]
    assert [one.user_id for one in post.entities.mentions] == ["ben"]
    assert (post.lang, post.version, post.root_id) == ("en", 1, None)


def test_the_same_client_id_gives_the_first_post(world: World) -> None:
    first = world.publish("one", client="c")
    assert world.publish("two", client="c") == first
    assert world.publish("two", author="ben", client="c") != first
    world.commands.delete("anna", first.id)
    with pytest.raises(Conflict):
        world.publish("three", client="c")


def test_a_retry_gets_the_first_answer_after_the_parent_is_deleted(world: World) -> None:
    parent = world.publish()
    reply = world.publish(author="ben", client="c", reply_to=parent.id)
    world.commands.delete("anna", parent.id)
    assert world.publish(author="ben", client="c", reply_to=parent.id) == reply
    with pytest.raises(NotFound):
        world.publish(author="ben", client="d", reply_to=parent.id)


def test_a_thread_keeps_its_root(world: World) -> None:
    root = world.publish()
    reply = world.publish(author="ben", reply_to=root.id)
    deeper = world.publish(reply_to=reply.id)
    assert (reply.root_id, deeper.root_id) == (root.id, root.id)
    assert deeper.reply_to is not None
    assert deeper.reply_to.author_id == "ben"


@pytest.mark.parametrize(
    ("visibility", "follower", "mentioned", "stranger"),
    [
        (Visibility.PUBLIC, True, True, True),
        (Visibility.UNLISTED, True, True, True),
        (Visibility.FOLLOWERS, True, True, False),
        (Visibility.MENTIONED, False, True, False),
    ],
)
def test_each_visibility_shows_a_post_to_its_audience(
    world: World, visibility: Visibility, follower: bool, mentioned: bool, stranger: bool
) -> None:
    post = world.publish("hi @ben", visibility=visibility)
    assert post.visible_to("anna", NO_RELATION)
    assert post.visible_to("ben", NO_RELATION) is mentioned
    assert post.visible_to("cleo", Relation(follows=True)) is follower
    assert post.visible_to("cleo", NO_RELATION) is stranger
    assert not replace(post, deleted=True).visible_to("anna", Relation(follows=True))


def test_a_post_hidden_from_the_viewer_is_not_found(world: World) -> None:
    post = world.publish(visibility=Visibility.FOLLOWERS)
    for act in (world.commands.like, world.commands.delete):
        with pytest.raises(NotFound):
            act("cleo", post.id)
    with pytest.raises(NotFound):
        world.publish(author="cleo", reply_to=post.id)
    world.people.edges.add(("cleo", "anna"))
    world.commands.like("cleo", post.id)
    with pytest.raises(Forbidden):
        world.commands.delete("cleo", post.id)
    world.commands.delete("anna", post.id)
    world.commands.delete("anna", post.id)
    with pytest.raises(NotFound):
        world.commands.like("cleo", post.id)
    world.commands.unlike("cleo", post.id)
    assert world.posts.likes == set()


def test_media_must_belong_to_the_author_and_be_ready(world: World) -> None:
    assert world.publish("", media_ids=[MEDIA]).media == ({"id": MEDIA},)
    with pytest.raises(Unprocessable):
        world.publish("", author="ben", media_ids=[MEDIA])
    with pytest.raises(BadRequest):
        world.publish("", media_ids=[MEDIA, MEDIA])


def test_a_person_without_a_profile_cannot_post_or_like(world: World) -> None:
    post = world.publish()
    with pytest.raises(ProfileMissing):
        world.publish(author="dora")
    with pytest.raises(ProfileMissing):
        world.commands.like("dora", post.id)


@pytest.mark.parametrize(
    "text", ["", " \n ", "a\x00", "a\x1b[0m", "x" * 501, "👨‍👩‍👧" * 501, "\ud800", "e\u0301" * 20_000]
)
def test_texts_that_are_refused(world: World, text: str) -> None:
    with pytest.raises(BadRequest):
        world.publish(text)


def test_the_length_of_a_post_counts_visible_characters(world: World) -> None:
    assert world.publish("👨‍👩‍👧" * 500).text == "👨‍👩‍👧" * 500
    assert world.publish("か\u3099").text == "が"
