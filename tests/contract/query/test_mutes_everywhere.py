"""Muted and blocked content is also hidden in notifications and their count, trends and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from services.common.clock import now_text
from services.common.ids import new_id
from services.notifications.model import Notice, NotificationSubject, NotificationType
from services.notifications.repository import NotificationRepository
from services.profiles.mute_repository import MuteRepository
from services.query.handler import build_social
from services.query.search import SearchQueries
from services.query.settings import QuerySettings
from services.search.index import SearchIndex
from tests.support.aws import Aws
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


def tell(recipient: str, kind: NotificationType, actor: str, post: str) -> str:
    made, _, _ = NotificationRepository("notifications").add(
        Notice(recipient, kind, actor, now_text(), f"{kind}#{new_id()}", subject=NotificationSubject(post))
    )
    assert made is not None
    return made.id


def heard(network: Network, reader: str) -> tuple[int, int, list[str]]:
    unread = network.get(reader, "/v1/notifications/unread")
    return unread["count"], unread["hidden"], [one["id"] for one in network.get(reader, "/v1/notifications")["items"]]


def test_notifications_muted_later_are_neither_listed_nor_counted(network: Network) -> None:
    reader, ann, ben, cleo = (network.person(name) for name in "abcd")
    thread = network.post(reader, "a thread")["id"]
    other = network.post(ben, "about Pineapple pizza")["id"]
    by_ann = tell(reader, NotificationType.LIKE, ann, network.post(reader)["id"])
    in_thread = tell(reader, NotificationType.REPLY, cleo, network.post(cleo, "re", replyTo=thread)["id"])
    with_word = tell(reader, NotificationType.MENTION, ben, other)
    plain = tell(reader, NotificationType.LIKE, ben, network.post(reader)["id"])
    assert heard(network, reader) == (4, 0, [plain, with_word, in_thread, by_ann])
    network.request(reader, "PUT", f"/v1/mutes/threads/{thread}")
    assert heard(network, reader) == (3, 1, [plain, with_word, by_ann])
    network.request(reader, "PUT", f"/v1/mutes/words/{new_id()}", {"word": "pineapple"})
    assert heard(network, reader) == (2, 2, [plain, by_ann])
    network.request(reader, "PUT", f"/v1/mutes/users/{ann}", {})
    assert heard(network, reader) == (1, 3, [plain])
    network.request(reader, "PUT", f"/v1/blocks/{ben}")
    assert heard(network, reader) == (0, 4, [])
    # Read notifications are in neither count, and those of unmuted people are shown again
    NotificationRepository("notifications").mark_read(reader, in_thread)
    network.request(reader, "DELETE", f"/v1/mutes/users/{ann}")
    assert heard(network, reader) == (0, 2, [by_ann])


class FakeIndex:
    """One answer per index; records the queries."""

    def __init__(self, **answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[Mapping[str, Any]] = []

    def search(self, alias: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(body)
        return {"hits": {"hits": []}, **self.answers.get(alias, {})}


def test_trends_exclude_muted_words_and_muted_or_blocked_people(network: Network) -> None:
    reader, muted, blocked = (network.person(name) for name in "abc")
    network.request(reader, "PUT", f"/v1/mutes/users/{muted}", {})
    network.request(reader, "PUT", f"/v1/blocks/{blocked}")
    network.request(reader, "PUT", f"/v1/mutes/words/{new_id()}", {"word": "Spoiler"})
    tags = [{"key": name, "doc_count": 2, "people": {"value": 2}} for name in ("spoiler", "tea")]
    index = FakeIndex(posts={"aggregations": {"windows": {"buckets": {"now": {"tags": {"buckets": tags}}}}}})
    search = SearchQueries(
        lambda: cast(SearchIndex, index), build_social(QuerySettings.read()), MuteRepository("profiles")
    )
    assert [one["tag"] for one in search.trends(reader, 24)] == ["tea"]
    assert [one["tag"] for one in search.trends(muted, 24)] == ["spoiler", "tea"]
    asked = str(index.asked[0])
    assert muted in asked
    assert blocked in asked
    assert muted not in str(index.asked[1])


def test_suggestions_offer_neither_muted_people_nor_muted_words(network: Network) -> None:
    reader, muted, other = (network.person(name) for name in "abc")
    network.request(reader, "PUT", f"/v1/mutes/users/{muted}", {})
    network.request(reader, "PUT", f"/v1/mutes/words/{new_id()}", {"word": "spoiler"})
    names = ("spoiler", "sport")
    people = [{"_id": one, "_score": 1.0, "sort": [1, one], "_source": {"id": one}} for one in (muted, other)]
    index = FakeIndex(
        people={"hits": {"hits": people, "total": {"value": 2, "relation": "eq"}}},
        tags={"hits": {"hits": [{"_source": {"tag": one}} for one in names]}},
        posts={"aggregations": {"tags": {"buckets": [{"key": one, "doc_count": 1} for one in names]}}},
    )
    search = SearchQueries(
        lambda: cast(SearchIndex, index), build_social(QuerySettings.read()), MuteRepository("profiles")
    )
    offered = search.suggest(reader, "sp")
    assert [one["id"] for one in offered["people"]] == [other]
    assert [one["tag"] for one in offered["tags"]] == ["sport"]
