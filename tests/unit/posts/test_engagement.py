"""Rules for replying, quoting, reposting and pinning, with all dependencies in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from services.common.errors import BadRequest, Forbidden, NotFound, ProfileMissing, Unprocessable
from services.common.streams import Change
from services.posts.engagement_commands import PIN_LIMIT, EngagementCommands
from services.posts.events import deltas_of
from services.posts.model import Post, Visibility
from services.posts.reply_policy import ReplyPolicy
from tests.unit.posts.test_commands import World


@dataclass
class FakeEdges:
    """Edges of the social graph in sets."""

    edges: set[tuple[str, ...]] = field(default_factory=set)

    def repost(self, post: Post, user_id: str) -> bool:
        return self._add("repost", post.id, user_id)

    def unrepost(self, post_id: str, user_id: str) -> bool:
        return self._remove("repost", post_id, user_id)

    def react(self, post: Post, user_id: str, emoji: str) -> bool:
        self.edges = {one for one in self.edges if one[:3] != ("reaction", post.id, user_id)}
        return self._add("reaction", post.id, user_id, emoji)

    def unreact(self, post_id: str, user_id: str) -> bool:
        self.edges = {one for one in self.edges if one[:3] != ("reaction", post_id, user_id)}
        return True

    def bookmark(self, post: Post, user_id: str) -> bool:
        return self._add("bookmark", post.id, user_id)

    def unbookmark(self, post_id: str, user_id: str) -> bool:
        return self._remove("bookmark", post_id, user_id)

    def pin(self, author_id: str, post_id: str, most: int) -> bool:
        pinned = [one for one in self.edges if one[0] == "pin" and one[2] == author_id]
        if ("pin", post_id, author_id) in self.edges or len(pinned) < most:
            self._add("pin", post_id, author_id)
            return True
        return False

    def unpin(self, author_id: str, post_id: str) -> None:
        self._remove("pin", post_id, author_id)

    def _add(self, *edge: str) -> bool:
        self.edges.add(edge)
        return True

    def _remove(self, *edge: str) -> bool:
        self.edges.discard(edge)
        return True


class Stage(World):
    def __init__(self) -> None:
        super().__init__()
        self.edges = FakeEdges()
        self.engage = EngagementCommands(self.commands, self.edges)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(
    ("policy", "author", "followed", "mentioned", "other"),
    [
        (ReplyPolicy.EVERYONE, True, True, True, True),
        (ReplyPolicy.FOLLOWING, True, True, True, False),
        (ReplyPolicy.MENTIONED, True, False, True, False),
        (ReplyPolicy.NOBODY, True, False, False, False),
    ],
)
def test_the_reply_policy_holds_for_the_whole_thread(
    stage: Stage, policy: ReplyPolicy, author: bool, followed: bool, mentioned: bool, other: bool
) -> None:
    stage.people.ids |= {"frida", "dora"}
    stage.people.edges.add(("anna", "frida"))
    root = stage.publish("hello @ben", reply_policy=policy)
    deeper = stage.publish("more", reply_to=root.id)
    for target in (root, deeper):
        for who, may in (("anna", author), ("frida", followed), ("ben", mentioned), ("cleo", other)):
            assert stage.commands.may_reply(who, target) is may
            if may:
                stage.publish("re", author=who, reply_to=target.id)
            else:
                with pytest.raises(Forbidden):
                    stage.publish("re", author=who, reply_to=target.id)


def test_a_reply_has_no_policy_of_its_own(stage: Stage) -> None:
    root = stage.publish()
    with pytest.raises(BadRequest):
        stage.publish(author="ben", reply_to=root.id, reply_policy=ReplyPolicy.NOBODY)


def test_only_posts_visible_to_everyone_can_be_reposted_or_quoted(stage: Stage) -> None:
    for visibility in Visibility:
        post = stage.publish("hi @ben", visibility=visibility)
        if visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
            stage.engage.repost("ben", post.id)
            assert stage.publish("look", author="ben", quote_of=post.id).quote_of is not None
        else:
            with pytest.raises(Unprocessable):
                stage.engage.repost("ben", post.id)
            with pytest.raises(Unprocessable):
                stage.publish("look", author="ben", quote_of=post.id)
            with pytest.raises(NotFound):
                stage.publish("look", author="cleo", quote_of=post.id)
            assert stage.publish("again", quote_of=post.id).quote_of is not None


def test_hidden_posts_cannot_be_reposted_bookmarked_or_pinned(stage: Stage) -> None:
    post = stage.publish(visibility=Visibility.FOLLOWERS)
    for act in (stage.engage.repost, stage.engage.bookmark, stage.engage.pin):
        with pytest.raises(NotFound):
            act("cleo", post.id)
    with pytest.raises(NotFound):
        stage.engage.react("cleo", post.id, "👍")
    open_post = stage.publish()
    for act in (stage.engage.repost, stage.engage.bookmark):
        with pytest.raises(ProfileMissing):
            act("dora", open_post.id)
    assert stage.edges.edges == set()


def test_a_reaction_is_one_emoji(stage: Stage) -> None:
    post = stage.publish()
    stage.engage.react("ben", post.id, "👍")
    stage.engage.react("ben", post.id, "❤")
    assert stage.edges.edges == {("reaction", post.id, "ben", "❤️")}
    with pytest.raises(BadRequest):
        stage.engage.react("ben", post.id, "ok")
    stage.engage.unreact("ben", post.id)
    assert stage.edges.edges == set()


def test_up_to_the_limit_of_own_posts_can_be_pinned(stage: Stage) -> None:
    posts = [stage.publish() for _ in range(PIN_LIMIT + 1)]
    for post in posts[:PIN_LIMIT]:
        stage.engage.pin("anna", post.id)
        stage.engage.pin("anna", post.id)
    with pytest.raises(Unprocessable):
        stage.engage.pin("anna", posts[-1].id)
    stage.engage.unpin("anna", posts[0].id)
    stage.engage.pin("anna", posts[-1].id)
    with pytest.raises(Forbidden):
        stage.engage.pin("ben", posts[-1].id)
    with pytest.raises(Unprocessable):
        stage.engage.pin("anna", stage.publish("@ben", visibility=Visibility.MENTIONED).id)


@pytest.mark.parametrize(("warning", "kept"), [(None, None), ("", None), ("  \n", None), (" spoilers ", "spoilers")])
def test_a_content_warning_is_trimmed_and_at_most_200_characters_long(
    stage: Stage, warning: str | None, kept: str | None
) -> None:
    assert stage.publish(content_warning=warning).content_warning == kept
    with pytest.raises(BadRequest):
        stage.publish(content_warning="x" * 201)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_counters_do_not_reveal_hidden_posts(visibility: Visibility) -> None:
    item = {
        "type": "post", "state": "live", "id": "p", "authorId": "a", "visibility": visibility.value,
        "replyTo": {"postId": "parent", "authorId": "b"}, "quoteOf": {"postId": "quoted", "authorId": "c"},
    }  # fmt: skip
    gone = {name: value for name, value in item.items() if name != "quoteOf"} | {"state": "deleted"}
    shown = visibility in (Visibility.PUBLIC, Visibility.UNLISTED)
    counted = {Visibility.FOLLOWERS: "followersPosts", Visibility.MENTIONED: "ownPosts"}.get(visibility, "posts")
    for change, amount in ((Change("e", None, item), 1), (Change("f", item, gone), -1)):
        found = {(one.attribute, one.amount) for one in deltas_of(change) if one.amount}
        assert found == {(counted, amount)} | ({("replies", amount), ("quotes", amount)} if shown else set())
