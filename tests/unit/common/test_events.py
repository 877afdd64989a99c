"""Every domain event survives the round trip through SNS and SQS unchanged, and nothing else decodes as an event."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import events
from services.common.clock import from_text, to_text
from services.common.events import EVENTS, REGISTRY, DomainEvent, PostLiked, PostPublished, envelope
from services.common.events.envelope import fields_from_wire, shape_of

LIKED = PostLiked(cause="record-1", actor="u", post_id="p", author_id="a", user_id="u")


def any_of(kind: type[DomainEvent]) -> st.SearchStrategy[DomainEvent]:
    hints = get_type_hints(kind, localns={"Mapping": dict})
    for one in (inner for hint in hints.values() for inner in (hint, *get_args(hint)) if is_dataclass(inner)):
        fields(one)  # hypothesis reads the signature of a class, which a lazy one has from its first use on
    own = {one.name: st.from_type(hints[one.name]) for one in fields(kind) if one.name not in {"id", "at"}}
    return st.builds(kind, cause=st.text(), **own)


def subclasses(kind: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_event_is_registered_and_frozen_and_says_how_older_versions_are_read() -> None:
    assert {one for one in subclasses(DomainEvent) if not one.__subclasses__()} == set(EVENTS)
    assert len(REGISTRY) == len(EVENTS)
    for kind in EVENTS:
        assert vars(kind)["type"] == kind.type, f"{kind.__name__} has the type of another event"
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert set(kind.added) == set(range(2, kind.version + 1))


class Topic:
    """A fake SNS topic for publishing: it refuses batches of more than ten, and the messages in ``refused``."""

    def __init__(self, refused: Collection[str] = ()) -> None:
        self.refused = refused
        self.messages: list[tuple[str, str]] = []

    def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> dict[str, Any]:
        entries = PublishBatchRequestEntries
        assert TopicArn == "arn:topic"
        assert 1 <= len(entries) <= 10
        assert len({one["Id"] for one in entries}) == len(entries)
        for one in entries:
            assert {told["DataType"] for told in one["MessageAttributes"].values()} == {"String"}
            self.messages.append((one["MessageAttributes"]["type"]["StringValue"], one["Message"]))
        return {"Failed": [{"Id": one["Id"]} for one in entries if one["Message"] in self.refused]}


@given(st.lists(st.sampled_from(EVENTS).flatmap(any_of), max_size=12))
def test_an_event_is_the_same_after_sns_and_sqs(told: list[DomainEvent]) -> None:
    """With raw delivery and in SNS's envelope; the attribute that SNS filters on is the event type."""
    topic = Topic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.common.events.topic.client", {"sns": topic}.__getitem__)
        events.publish("arn:topic", told)
    assert [kind for kind, _ in topic.messages] == [event.type for event in told]
    assert [events.parse(body) for _, body in topic.messages] == told
    wrapped = [json.dumps({"Type": "Notification", "Message": body, "TopicArn": "a"}) for _, body in topic.messages]
    assert [events.parse(body) for body in wrapped] == told


def test_an_event_that_sns_refuses_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.common.events.topic.client", {"sns": Topic([LIKED.to_json()])}.__getitem__)
    with pytest.raises(RuntimeError, match="refused 1 of 1"):
        events.publish("arn:topic", [LIKED])


@given(st.sampled_from(EVENTS).flatmap(any_of), st.data())
def test_a_missing_or_extra_field_is_named(event: DomainEvent, data: st.DataObject) -> None:
    document = event.to_document()
    missing = data.draw(st.sampled_from(sorted(document["data"])))
    without = {key: value for key, value in document["data"].items() if key != missing}
    with pytest.raises(ValueError, match=f"{event.type}.*{missing}: Field required"):
        events.from_document({**document, "data": without})
    with pytest.raises(ValueError, match=f"{event.type}.*unheardOf: Extra inputs"):
        events.from_document({**document, "data": {**document["data"], "unheardOf": 1}})


def test_the_same_cause_gives_the_same_event() -> None:
    again = PostLiked(cause="record-1", actor="u", post_id="p", author_id="a", user_id="u")
    other = PostLiked(cause="record-2", actor="u", post_id="p", author_id="a", user_id="u")
    assert LIKED.id == again.id != other.id
    with pytest.raises(ValueError, match="no id"):
        PostLiked(actor="u", post_id="p", author_id="a", user_id="u")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "post.fried"}, "event type 'post.fried'"),
        ({"version": 2}, "post.liked: got version 2, expected 1 to 1"),
        ({"version": 0}, "got version 0"),
        ({"more": 1}, "expected a domain event"),
        ({"data": {"postId": 1, "authorId": "a", "userId": "u"}}, "postId: Input should be a valid string"),
        ({"data": []}, "valid dictionary"),
    ],
)
def test_an_invalid_event_is_refused_with_the_expected_shape(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        events.from_document({**LIKED.to_document(), **change})


@pytest.mark.parametrize("body", ['{"a": 1}', "[]", "null", '"text"', "{"])
def test_another_message_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"expected a domain event|Expecting"):
        events.parse(body)


def test_a_refusal_quotes_the_beginning_of_what_came() -> None:
    with pytest.raises(ValueError, match=r"got \{'greeting': 'hello ") as refused:
        events.from_document({"greeting": "hello " * 1000})
    assert len(str(refused.value)) < 500


def test_time_and_version_may_be_missing() -> None:
    document = {name: LIKED.to_document()[name] for name in ("id", "type", "actor", "data")}
    event = events.from_document(document)
    assert event.at
    assert replace(event, at=LIKED.at) == LIKED


def test_a_producer_s_mistake_in_a_type_is_refused_before_it_is_published() -> None:
    wrong: Any = 5
    with pytest.raises(ValueError, match="post_id"):
        PostLiked(cause="c", actor="u", post_id=wrong, author_id="a", user_id="u").to_json()


OLDER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "post.published",
        {
            "postId": "p", "authorId": "a", "visibility": "public", "replyTo": {"postId": "q", "authorId": "b"},
            "mentions": ["c"], "tags": [], "createdAt": "2026-01-01T00:00:00.000Z",
        },
        {"quote_of": None},
    ),
    (
        "chat.message_sent",
        {"conversationId": "c", "messageId": "m", "seq": 1, "senderId": "a", "recipientIds": ["b"], "preview": "hi"},
        {"title": None, "mention_ids": (), "request_ids": ()},
    ),
    ("chat.media_changed", {"conversationId": "c", "seq": 1, "mediaIds": ["m"]}, {"owners": {}}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "added"), OLDER, ids=lambda value: value if isinstance(value, str) else "")
def test_an_older_version_of_an_event_is_still_read(kind: str, data: dict[str, Any], added: dict[str, Any]) -> None:
    document = {"id": "i", "type": kind, "actor": "a", "data": data, "at": "2026-01-01T00:00:00.000Z", "version": 1}
    event = events.from_document(document)
    assert event == REGISTRY[kind](
        id="i", actor="a", at="2026-01-01T00:00:00.000Z", **fields_from_wire(REGISTRY[kind], 1, data)
    )
    assert {name: getattr(event, name) for name in added} == added


def test_every_older_version_has_an_example() -> None:
    assert {kind for kind, _, _ in OLDER} == {one.type for one in EVENTS if one.version > 1}


def notation(shape: dict[str, Any]) -> str:
    """A field's type in the notation of the docs page: ``?`` is nullable, ``[]`` is a list, ``{}`` is a map."""
    if any(one.get("type") == "null" for one in shape.get("anyOf", ())):
        return "?"
    return {"array": "[]", "object": "{}"}.get(shape["type"], "")


def test_the_page_has_each_event_with_its_version_and_fields() -> None:
    page = (Path(__file__).parents[3] / "docs/events.md").read_text("utf-8")
    written = re.findall(r"^\| `([\w.]+)` \| (\d+) \| `([^`]+)`", page, re.MULTILINE)
    shapes = {kind: shape_of(kind).model_json_schema()["properties"] for kind in EVENTS}
    assert sorted(written) == sorted(
        (kind.type, str(kind.version), ", ".join(f"{name}{notation(one)}" for name, one in shapes[kind].items()))
        for kind in EVENTS
    )


def test_events_of_one_moment_are_a_millisecond_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = to_text(from_text("2026-01-02T03:04:05.006Z"))
    monkeypatch.setattr(envelope, "now_text", lambda: now)
    monkeypatch.setattr(envelope, "_last", [""])
    later = [to_text(from_text(f"2026-01-02T03:04:05.00{last}Z")) for last in (6, 7, 8)]
    assert [envelope._later() for _ in later] == later


def test_an_event_is_short_json_with_letters_of_every_language() -> None:
    liked = PostLiked(cause="record-1", actor="雪", post_id="p", author_id="a", user_id="u")
    text = liked.to_json()
    assert '"actor":"雪"' in text
    assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) == text


def test_the_document_of_an_event_is_what_consumers_read_from_its_json() -> None:
    published = PostPublished(
        cause="c", actor="a", post_id="p", author_id="a", visibility="public", mentions=("b",), created_at="2026-01-01"
    )
    assert published.to_document() == json.loads(published.to_json())
    assert published.to_document()["data"]["mentions"] == ["b"]


def test_an_event_without_a_sequence_says_none() -> None:
    assert "sequence" not in LIKED.to_document()
    assert events.from_document(LIKED.to_document()) == LIKED
