"""Notification preferences, quiet hours, and muted or blocked people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from services.common.errors import BadRequest
from services.common.relations import Relation
from services.notifications.filtering import NotificationFilter, Pair
from services.notifications.model import Notice, NotificationSubject, NotificationType
from services.notifications.preferences import Channel, NotificationAudience, Preferences, QuietHours, choices, default
from services.posts.excerpts import Excerpt
from services.posts.model import Entities, Mention, Post, Visibility
from services.profiles.mutes import MutedWord, Mutes

POST = Post(
    "p", "ann", "a cat", "en", "2026-01-01T00:00:00.000Z", Visibility.PUBLIC,
    entities=Entities(mentions=(Mention("bob", "bob"),)),
)  # fmt: skip
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Graph:
    """Fakes of ``Graph``, ``Chosen`` and ``Posts``."""

    relations: dict[Pair, Relation] = field(default_factory=dict)
    mutes: dict[str, Mutes] = field(default_factory=dict)
    chosen: dict[str, Preferences] = field(default_factory=dict)
    posts: dict[str, Excerpt] = field(default_factory=lambda: {"p": Excerpt("a cat", "a cat", "root", POST)})

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, Mutes]]:
        return self.relations, self.mutes

    def of(self, user_ids: Collection[str]) -> Mapping[str, Preferences]:
        return {one: self.chosen[one] for one in user_ids if one in self.chosen}


def notice(kind: NotificationType = NotificationType.LIKE, followers_only: bool = False) -> Notice:
    return Notice(
        "bob",
        kind,
        "ann",
        "2026-01-01T00:00:00.000Z",
        "once",
        subject=NotificationSubject("p"),
        followers_only=followers_only,
    )


def reaches(graph: Graph, one: Notice, channel: Channel = Channel.IN_APP, at: datetime = NOON) -> bool:
    return bool(NotificationFilter(graph, graph, lambda _: graph.posts).passing([one], channel, at))


def test_a_mention_is_notified_while_the_post_contains_it_and_the_person_may_see_it() -> None:
    mention = notice(NotificationType.MENTION)
    graph = Graph()
    for changes, told in (
        ({}, True),
        ({"entities": Entities()}, False),
        ({"visibility": Visibility.MENTIONED}, True),
        ({"visibility": Visibility.MENTIONED, "entities": Entities()}, False),
    ):
        graph.posts = {"p": Excerpt("a cat", "a cat", "root", replace(POST, **changes))}  # type: ignore[arg-type]
        assert reaches(graph, mention) is told
    followers = replace(POST, visibility=Visibility.FOLLOWERS, entities=Entities())
    graph.posts = {"p": Excerpt("a cat", "a cat", "root", followers)}
    reply = notice(NotificationType.REPLY)
    assert not reaches(graph, reply)
    graph.relations = {("bob", "ann"): Relation(follows=True)}
    assert reaches(graph, reply)


def test_default_preferences_show_all_in_app_and_push_likes_of_followed() -> None:
    graph = Graph()
    assert reaches(graph, notice())
    assert not reaches(graph, notice(), Channel.WEB_PUSH)
    assert reaches(graph, notice(NotificationType.MENTION), Channel.MOBILE)
    graph.relations["bob", "ann"] = Relation(follows=True)
    assert reaches(graph, notice(), Channel.WEB_PUSH)


def test_a_choice_holds_for_its_cell_only() -> None:
    cell = {
        (NotificationType.LIKE, Channel.IN_APP): NotificationAudience.NOBODY,
        (NotificationType.REPLY, Channel.IN_APP): NotificationAudience.FOLLOWING,
    }
    graph = Graph(chosen={"bob": Preferences(cell)})
    assert not reaches(graph, notice())
    assert not reaches(graph, notice(NotificationType.REPLY))
    assert reaches(graph, notice(NotificationType.REPLY), Channel.WEB_PUSH)
    graph.relations["bob", "ann"] = Relation(follows=True)
    assert reaches(graph, notice(NotificationType.REPLY))
    assert not reaches(graph, notice())


MUTED = {
    "person": Mutes(people=frozenset({"ann"})),
    "thread": Mutes(threads=frozenset({"root"})),
    "word": Mutes(words=(MutedWord("w", "cat", "2026-01-01T00:00:00.000Z"),)),
}


@pytest.mark.parametrize("what", MUTED)
def test_muted_people_threads_and_words_cause_no_notification(what: str) -> None:
    graph = Graph({("bob", "ann"): Relation(follows=True)}, {"bob": MUTED[what]})
    assert not reaches(graph, notice(NotificationType.MENTION))
    # Chat has its own mutes, and moderation decisions cannot be muted.
    for kind in (NotificationType.MESSAGE, NotificationType.MISSED_CALL, NotificationType.MODERATION):
        assert reaches(graph, notice(kind)), kind


def test_a_block_silences_everything() -> None:
    graph = Graph({("bob", "ann"): Relation(blocked=True)})
    for kind in (
        NotificationType.MENTION,
        NotificationType.MESSAGE,
        NotificationType.MISSED_CALL,
        NotificationType.FOLLOW,
    ):
        assert not reaches(graph, notice(kind)), kind


def test_a_deleted_post_causes_no_notification() -> None:
    graph = Graph(posts={})
    assert not reaches(graph, notice(NotificationType.MENTION))
    assert reaches(graph, notice(NotificationType.MODERATION))


def test_a_passed_notice_has_the_beginning_of_its_post() -> None:
    graph = Graph()
    (passed,) = NotificationFilter(graph, graph, lambda _: graph.posts).passing([notice()], Channel.IN_APP, NOON)
    assert passed.excerpt == "a cat"


def test_followers_are_notified_of_followers_only_posts() -> None:
    graph = Graph()
    assert not reaches(graph, notice(NotificationType.REPLY, followers_only=True))
    graph.relations["bob", "ann"] = Relation(follows=True)
    assert reaches(graph, notice(NotificationType.REPLY, followers_only=True))


@pytest.mark.parametrize(
    ("start", "end", "zone", "hour", "quiet"),
    [
        ("22:00", "07:00", "UTC", 23, True),
        ("22:00", "07:00", "UTC", 6, True),
        ("22:00", "07:00", "UTC", 7, False),
        ("22:00", "07:00", "Asia/Tokyo", 13, True),
        ("22:00", "07:00", "Asia/Tokyo", 23, False),
        ("12:00", "13:00", "UTC", 12, True),
        ("12:00", "13:00", "UTC", 13, False),
        ("12:00", "13:00", "Mars/Olympus", 12, True),
    ],
)
def test_quiet_hours_use_the_time_zone_of_the_person(start: str, end: str, zone: str, hour: int, quiet: bool) -> None:
    hours = QuietHours(True, start, end, zone)
    moment = datetime(2026, 1, 1, hour, tzinfo=UTC)
    assert hours.cover(moment) is quiet
    graph = Graph(chosen={"bob": Preferences({}, hours)})
    assert reaches(graph, notice(NotificationType.MENTION), Channel.WEB_PUSH, moment) is not quiet
    assert reaches(graph, notice(NotificationType.MENTION), Channel.IN_APP, moment)


def test_quiet_hours_follow_daylight_saving() -> None:
    hours = QuietHours(True, "22:00", "07:00", "Europe/Berlin")
    assert hours.cover(datetime(2026, 1, 1, 21, tzinfo=UTC))
    assert hours.cover(datetime(2026, 7, 1, 20, tzinfo=UTC))
    assert not hours.cover(datetime(2026, 7, 1, 5, tzinfo=UTC))


def test_every_default_can_be_chosen() -> None:
    for kind in NotificationType:
        for channel in Channel:
            assert default(kind, channel) in choices(kind, channel)


def test_a_decision_of_moderators_cannot_be_hidden() -> None:
    with pytest.raises(BadRequest):
        Preferences().with_choices({NotificationType.MODERATION: {Channel.IN_APP: NotificationAudience.NOBODY}})
