"""Notifications match their subjects: random histories against a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.events import (
    ChatMemberLeft,
    ChatMessageDeleted,
    ChatMessageEdited,
    ConversationRead,
    DomainEvent,
    PostDeleted,
    PostLiked,
    PostReposted,
    PostUnliked,
    PostUnreposted,
    UserBlocked,
    UserDeleted,
    UserFollowed,
    UserUnfollowed,
)
from tests.support.told import Network, people

pytestmark = pytest.mark.usefixtures("fresh")
ACTORS, POSTS = range(3), ("p", "q")
EDGES = ("like", "unlike", "repost", "unrepost")
PERSONS = ("follow", "unfollow", "send", "send", "block", "gone")
CHAT = ("delete message", "edit message", "read")
OWN = ("delete post", "leave", "see", "read one", "read all", "repeat")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(EDGES), st.sampled_from(ACTORS), st.sampled_from(POSTS)),
        st.tuples(st.sampled_from(PERSONS), st.sampled_from(ACTORS), st.just("k")),
        st.tuples(st.sampled_from(CHAT), st.integers(1, 4), st.just("k")),
        st.tuples(st.sampled_from(OWN), st.just(0), st.sampled_from(POSTS)),
    ),
    max_size=16,
)


class Truth:
    """The facts that hold, as plain sets: (type, subject, actor)."""

    def __init__(self) -> None:
        self.facts: set[tuple[str, str, Any]] = set()
        self.gone_posts: set[str] = set()
        self.gone_people: set[int] = set()

    def drop(self, wanted: Callable[[tuple[str, str, Any]], bool]) -> None:
        self.facts = {fact for fact in self.facts if not wanted(fact)}


@settings(max_examples=12, deadline=None)
@given(steps=STEPS)
def test_any_history_of_events_ends_with_the_expected_notifications(steps: list[tuple[str, Any, str]]) -> None:
    network, truth = Network(), Truth()
    bob, *actors = people(4)
    history, sent = History(network, truth, bob, actors), 0
    for step, who, what in steps:
        if step == "send":
            sent += 1
        history.do(step, who, what, sent)
        listed = network.kept.page(bob, None, 100)
        marks = network.kept.marks(bob)
        assert sum(one.count for one in listed) == len(truth.facts), (step, listed, truth.facts)
        assert marks.unread == sum(1 for one in listed if marks.counts(one))
        named = ((one, one.subject.post_id or one.subject.conversation_id or "") for one in listed)
        told = {(str(one.type), name.removeprefix(f"{network.name}-")) for one, name in named}
        assert told == {(kind, what) for kind, what, _ in truth.facts}
        assert all(one.count >= 1 and (one.actors or one.count) for one in listed)


class History:
    """Applies each step to the network and to the model."""

    def __init__(self, network: Network, truth: Truth, bob: str, actors: list[str]) -> None:
        self.network, self.truth, self.bob, self.actors = network, truth, bob, actors
        self.messages: dict[int, tuple[str, int]] = {}
        self.last: DomainEvent | None = None

    def do(self, step: str, who: int, what: str, sent: int) -> None:
        if step in ("like", "unlike", "repost", "unrepost"):
            self.edge(step, who, what)
        elif step in ("follow", "unfollow", "block", "gone"):
            self.person(step, who)
        elif step == "send":
            self.send(who, sent)
        elif step in ("delete message", "edit message", "read"):
            self.chat(step, who)
        else:
            self.own(step, what)

    def event(self, kind: Callable[..., DomainEvent], actor: str, **fields: Any) -> None:
        self.last = self.network.tell(kind, actor, **fields)

    def edge(self, step: str, who: int, post: str) -> None:
        kind = {"like": PostLiked, "unlike": PostUnliked, "repost": PostReposted, "unrepost": PostUnreposted}[step]
        extra = {"repost_id": "r", "visibility": "public"} if step == "repost" else {}
        extra = {"repost_id": "r"} if step == "unrepost" else extra
        about = {"post_id": post, "author_id": self.bob, "user_id": self.actors[who]}
        self.event(kind, self.actors[who], **about, **extra)
        fact = (step.removeprefix("un"), post, who)
        if step.startswith("un"):
            self.truth.facts.discard(fact)
        elif post not in self.truth.gone_posts:
            self.truth.facts.add(fact)

    def person(self, step: str, who: int) -> None:
        actor = self.actors[who]
        pair = {"follower_id": actor, "followee_id": self.bob, "edge_version": 1}
        if step == "follow":
            self.event(UserFollowed, actor, **pair)
            self.truth.facts.add(("follow", "", who))
        elif step == "unfollow":
            self.event(UserUnfollowed, actor, **pair)
            self.truth.facts.discard(("follow", "", who))
        elif step == "block":
            self.event(UserBlocked, self.bob, blocker_id=self.bob, blocked_id=actor)
            self.truth.drop(lambda fact: self.by(fact) == who)
        else:
            self.event(UserDeleted, actor, user_id=actor)
            self.truth.drop(lambda fact: self.by(fact) == who)

    def by(self, fact: tuple[str, str, Any]) -> int:
        return self.messages[fact[2]][1] if fact[0] == "message" else fact[2]

    def send(self, who: int, seq: int) -> None:
        self.messages[seq] = (self.network.message(self.actors[who], self.bob, "k", seq), who)
        self.truth.facts.add(("message", "k", seq))

    def chat(self, step: str, seq: int) -> None:
        if seq not in self.messages:
            return
        message, who = self.messages[seq]
        if step == "read":
            self.read(seq)
        elif step == "edit message":
            self.event(ChatMessageEdited, self.actors[who], conversation_id="k", message_id=message, preview="new")
        else:
            self.event(ChatMessageDeleted, self.actors[who], conversation_id="k", message_id=message)
            self.truth.facts.discard(("message", "k", seq))

    def read(self, seq: int) -> None:
        """Messages that were read leave the newest notification, if unread messages remain in it."""
        kept = self.network.kept
        told = [one for one in kept.page(self.bob, None, 100) if one.type == "message"][:1]
        part = [one for one in told if not kept.marks(self.bob).has_read(one) and one.last_seq > seq]
        read = {fact.seq for one in part for fact in one.facts if fact.seq <= seq}
        self.truth.drop(lambda fact: fact[0] == "message" and fact[2] in read)
        self.event(ConversationRead, self.bob, conversation_id="k", seq=seq)

    def own(self, step: str, post: str) -> None:
        kept, listed = self.network.kept, self.network.kept.page(self.bob, None, 100)
        if step == "delete post":
            self.event(PostDeleted, self.bob, post_id=post, author_id=self.bob)
            self.truth.gone_posts.add(post)
            self.truth.drop(lambda fact: fact[1] == post)
        elif step == "leave":
            self.event(ChatMemberLeft, self.bob, conversation_id="k", user_id=self.bob)
            self.truth.drop(lambda fact: fact[0] == "message")
        elif step == "repeat" and self.last is not None:
            self.network.notifier.handle(self.last)
        elif step == "see":
            kept.mark_seen(self.bob, "7" + "Z" * 25)
        elif step == "read all":
            kept.mark_read(self.bob, "7" + "Z" * 25)
        elif step == "read one" and listed:
            kept.mark_one(self.bob, listed[0].id)
