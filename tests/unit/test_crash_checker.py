"""The checker of ``make crash`` reports each way in which an acknowledged operation can be wrong."""

from __future__ import annotations

from typing import Any

import pytest

from loadtests.crash.__main__ import report
from loadtests.crash.checks import _messages, _notifications, _posts, _search, _timelines, _uploads
from loadtests.crash.heal import Healing
from loadtests.crash.ledger import Finding, Kind, Ledger, Posted, Said, Verdict
from loadtests.crash.run import Outcome
from loadtests.crash.world import World

ANN, BOB = "ann", "bob"


class Answers:
    """The answers to one person: path → items of a list, or a whole answer."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def get(self, path: str, **_: Any) -> Any:
        answer = self.answers[path]
        return {"items": answer, "older": None} if isinstance(answer, list) else answer


def post(number: int, likes: int = 0) -> dict[str, Any]:
    return {"id": f"p{number}", "text": f"crash x{number}", "counts": {"likes": likes}}


def message(seq: int) -> dict[str, Any]:
    return {"clientMessageId": f"m{seq}", "seq": seq}


def told(kind: str, about: str, count: int = 1) -> dict[str, Any]:
    key = "conversationId" if kind == "message" else "postId"
    return {
        "postId": None,
        "conversationId": None,
        "type": kind,
        "count": count,
        "read": False,
        "seen": False,
        key: about,
    }


def network() -> World:
    """Two posts of Ann, one liked by Bob and one mentioning him, two messages, a medium: all acknowledged."""
    ledger = Ledger(
        posts=[Posted("p1", ANN, "x1"), Posted("p2", ANN, "x2", BOB)],
        likes={(BOB, "p1")},
        messages=[Said("c", ANN, BOB, "m1", 1), Said("c", ANN, BOB, "m2", 2)],
        uploads={"photo": ANN},
    )
    ann = {
        "/v1/users/ann/posts": [post(2), post(1, likes=1)],
        "/v1/timelines/home": [],
        "/v1/search": [{"post": post(2)}, {"post": post(1)}],
        "/v1/notifications": [told("like", "p1")],
        "/v1/notifications/unread": {"count": 1},
        "/v1/conversations/c/messages": [message(2), message(1)],
        "/v1/media/photo": {"state": "ready"},
    }
    bob = ann | {
        "/v1/users/bob/posts": [],
        "/v1/timelines/home": [post(2), post(1)],
        "/v1/notifications": [told("message", "c", 2), told("mention", "p2")],
        "/v1/notifications/unread": {"count": 2},
    }
    people: Any = {ANN: Answers(ann), BOB: Answers(bob)}
    return World(None, None, people, {}, {"c": (ANN, BOB)}, "crash", ledger)  # type: ignore[arg-type]


def findings(world: World) -> list[Finding]:
    checks = (_posts, _timelines, _search, _notifications, _messages, _uploads)
    return [finding for check in checks for finding in check(world)]


def test_an_intact_network_has_no_findings() -> None:
    assert findings(network()) == []


@pytest.mark.parametrize(
    ("person", "path", "answer", "kind", "verdict"),
    [
        (ANN, "/v1/users/ann/posts", [post(1, likes=1)], Kind.POST, Verdict.LOST),
        (ANN, "/v1/users/ann/posts", [post(2), post(2), post(1, likes=1)], Kind.POST, Verdict.DOUBLED),
        (ANN, "/v1/users/ann/posts", [post(2), post(1)], Kind.LIKE, Verdict.LOST),
        (ANN, "/v1/users/ann/posts", [post(2), post(1, likes=2)], Kind.LIKE, Verdict.DOUBLED),
        (BOB, "/v1/timelines/home", [post(2)], Kind.TIMELINE, Verdict.LOST),
        (BOB, "/v1/timelines/home", [post(2), post(2), post(1)], Kind.TIMELINE, Verdict.DOUBLED),
        (BOB, "/v1/timelines/home", [post(1), post(2)], Kind.TIMELINE, Verdict.REORDERED),
        ("all", "/v1/search", [{"post": post(2)}], Kind.SEARCH, Verdict.LOST),
        (ANN, "/v1/notifications", [], Kind.LIKED, Verdict.LOST),
        (BOB, "/v1/notifications", [told("message", "c", 2)], Kind.MENTION, Verdict.LOST),
        (BOB, "/v1/notifications", [told("message", "c", 3), told("mention", "p2")], Kind.TOLD, Verdict.DOUBLED),
        (BOB, "/v1/notifications/unread", {"count": 1}, Kind.UNREAD, Verdict.LOST),
        (ANN, "/v1/conversations/c/messages", [message(1)], Kind.MESSAGE, Verdict.LOST),
        (ANN, "/v1/conversations/c/messages", [message(4), message(2), message(1)], Kind.MESSAGE, Verdict.LOST),
        (ANN, "/v1/conversations/c/messages", [message(2), message(2), message(1)], Kind.MESSAGE, Verdict.DOUBLED),
        (ANN, "/v1/media/photo", {"state": "processing"}, Kind.UPLOAD, Verdict.STUCK),
        (ANN, "/v1/media/photo", {"state": "rejected"}, Kind.UPLOAD, Verdict.LOST),
    ],
)
def test_each_inconsistency_is_named(person: str, path: str, answer: Any, kind: Kind, verdict: Verdict) -> None:
    world = network()
    for name, api in world.people.items():
        if person in (name, "all"):
            api.answers[path] = answer  # type: ignore[attr-defined]
    found = findings(world)
    assert (kind, verdict) in {(one.kind, one.verdict) for one in found}
    outcome = Outcome(findings=found)
    assert not outcome.held
    assert f"{kind} {verdict}: " in report(outcome)


def test_reordered_messages_are_named() -> None:
    world = network()
    first, second = message(1), message(2)
    first["seq"], second["seq"] = 2, 1
    world.people[ANN].answers["/v1/conversations/c/messages"] = [first, second]  # type: ignore[attr-defined]
    assert {one.verdict for one in findings(world)} == {Verdict.REORDERED}


def test_an_unsure_like_may_be_there_or_not() -> None:
    world = network()
    world.ledger.unsure_likes["p2"] += 1
    for likes, told_of in ((0, []), (1, [told("like", "p2")])):
        answers = world.people[ANN].answers  # type: ignore[attr-defined]
        answers["/v1/users/ann/posts"] = [post(2, likes=likes), post(1, likes=1)]
        answers["/v1/notifications"] = [told("like", "p1"), *told_of]
        answers["/v1/notifications/unread"] = {"count": 1 + len(told_of)}
        assert findings(world) == []


def test_the_report_has_the_times_of_each_kind_of_fault() -> None:
    pair, edge = Healing("pair", posted=2.0, whole=7.5), Healing("edge", posted=0.5, whole=1.0)
    rows = [line.split() for line in report(Outcome(heals=[pair, edge])).splitlines()]
    assert ["pair", "1", "2.0", "2.0", "7.5", "7.5"] in rows
    assert ["all", "of", "them", "2", "0.5", "2.0", "1.0", "7.5"] in rows


def test_the_same_answer_in_a_row_is_one_step() -> None:
    healing = Healing()
    for second, answer in ((0.0, "503"), (0.2, "503"), (0.4, "201")):
        healing.note(second, second + 0.1, answer)
    assert [(one.asked, round(one.answered, 1), one.answer) for one in healing.steps] == [
        (0.0, 0.3, "503"),
        (0.4, 0.5, "201"),
    ]
