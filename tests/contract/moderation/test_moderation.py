"""Reports, decisions and appeals over a real DynamoDB API, called as the gateway calls the functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.common.events import parse
from services.common.limits import CommandLimits
from services.live.listener import LiveListener
from services.live.looking import LiveEndings
from services.live.model import Broadcast, LiveAudience, LiveState
from services.live.repository import LiveRepository
from services.moderation import commands as moderation_commands
from services.moderation import handler as moderation
from services.moderation.public import AuditLog, ModerationRepository
from services.profiles import handler as profiles
from services.profiles.public import ProfileRepository
from services.query import handler as query
from services.search.projection import actions_of
from tests.support.aws import Aws
from tests.support.lambdas import Answer, Context, call_http, new_user
from tests.support.social import Network

Decide = Callable[..., Answer]


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


class Office:
    """A moderator, and the consumers that put a decision into effect."""

    def __init__(self, network: Network) -> None:
        self.network, self.id = network, new_user()
        self._seen = len(network.aws.changes("moderation"))

    def get(self, path: str, user: str | None = None, groups: str = "[moderators]") -> Answer:
        route, _, text = path.partition("?")
        return call_http(query.handler, "GET", route, user=user or self.id, groups=groups, query=text)

    def decide(self, subject: str, decision: str, **more: Any) -> Answer:
        body = {"decision": decision, "reason": "spam", "comment": "seen", **more}
        path = f"/v1/moderation/cases/{subject}/decisions"
        return call_http(moderation.handler, "POST", path, user=self.id, groups="[moderators]", body=body)

    def events(self) -> list[dict[str, Any]]:
        """Domain events of the decisions since the last call."""
        records = self.network.aws.changes("moderation")
        new, self._seen = records[self._seen :], len(records)
        assert moderation.projector({"Records": new}, Context()) == {"batchItemFailures": []}
        decided = {one["dynamodb"]["NewImage"]["id"]["S"] for one in new if _is_decision(one)}
        return self.network.aws.published(
            lambda event: event["type"] == "moderation.decided" and event["actor"] == self.id, len(decided)
        )

    def apply(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            record = {"messageId": "1", "body": json.dumps(event), "eventSource": "aws:sqs"}
            assert moderation.applier({"Records": [record]}, Context()) == {"batchItemFailures": []}


def _is_decision(record: dict[str, Any]) -> bool:
    image = record["dynamodb"].get("NewImage", {})
    return record["eventName"] == "INSERT" and image.get("type", {}).get("S") == "decision"


def report(user: str | None, kind: str, subject: str, /, **more: Any) -> Answer:
    body = {"kind": kind, "subjectId": subject, "reason": "spam", "comment": "buy now", **more}
    return call_http(moderation.handler, "POST", "/v1/reports", user=user, body=body)


def test_a_report_counts_once_and_only_moderators_see_it(network: Network) -> None:
    author, reader, office = network.person(), network.person(), Office(network)
    post = network.post(author, "cheap watches")
    assert [report(reader, "post", post["id"]).body["again"] for _ in range(2)] == [False, True]
    assert report(network.person(), "post", post["id"], reason="hate").status == 201
    answer = office.get(f"/v1/moderation/cases/post/{post['id']}")
    assert answer.status == 200, answer
    assert (answer.body["reports"], answer.body["content"]["text"]) == (2, "cheap watches")
    assert {one["reason"] for one in answer.body["reportList"]} == {"spam", "hate"}
    listed = office.get("/v1/moderation/cases?state=open&limit=50").body["items"]
    assert post["id"] in [one["subjectId"] for one in listed]
    for path in ("cases", f"cases/post/{post['id']}", "log"):
        refused = office.get(f"/v1/moderation/{path}", user=reader, groups="[developers]")
        assert (refused.status, refused.body["type"]) == (403, "forbidden")
    body = {"decision": "hide", "reason": "spam"}
    path = f"/v1/moderation/cases/post/{post['id']}/decisions"
    assert call_http(moderation.handler, "POST", path, user=reader, body=body).status == 403
    assert call_http(moderation.handler, "POST", path, user=None, body=body).status == 403


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"reason": "boring"}, 400),
        ({"comment": "x" * 1001}, 400),
        ({"kind": "thing"}, 400),
        ({"subjectId": "../x"}, 400),
        ({"subjectId": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, 404),
        ({"kind": "message", "subjectId": "nowhere.1"}, 404),
        ({"kind": "live", "subjectId": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"kind": "person", "subjectId": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_a_report_of_nothing_or_of_the_wrong_shape_is_refused(
    network: Network, more: dict[str, str], status: int
) -> None:
    author, reader = network.person(), network.person()
    post = network.post(author)
    assert report(reader, "post", post["id"], **more).status == status


def test_neither_hidden_nor_own_content_can_be_reported(network: Network) -> None:
    author, reader = network.person(), network.person()
    secret = network.post(author, visibility="followers")
    assert report(reader, "post", secret["id"]).status == 404
    assert report(author, "post", secret["id"]).status == 422


def test_a_broadcast_is_reported_by_those_who_may_watch_it_and_ended_by_moderators(network: Network) -> None:
    host, follower, stranger, blocked = (network.person() for _ in range(4))
    office = Office(network)
    network.follow(follower, host)
    people = ProfileRepository("profiles")
    people.block(host, blocked)
    lives = LiveRepository("live")

    def start(live_id: str, audience: LiveAudience) -> str:
        live = Broadcast(live_id, host, "Buy now", audience, LiveState.WAITING, "2026-01-01T00:00:00.000Z")
        assert lives.begin(live)
        return live_id

    secret = start(f"s-{host}", "followers")
    assert [report(one, "live", secret).status for one in (stranger, host, follower)] == [404, 422, 201]
    endings = LiveEndings(lives)
    assert endings.end(secret)
    public = start(f"p-{host}", "public")
    assert [report(one, "live", public).status for one in (blocked, stranger, stranger)] == [404, 201, 201]
    case = office.get(f"/v1/moderation/cases/live/{public}").body
    assert (case["reports"], case["owner"]["id"], case["content"]["text"]) == (1, host, "Buy now")
    assert office.decide(f"live/{public}", "hide").status == 422
    assert office.decide(f"live/{public}", "end").body["measure"] == "ended"
    assert office.decide(f"live/{public}", "end").status == 409
    listener = LiveListener(endings)
    for event in office.events() * 2:
        listener.handle(parse(json.dumps(event)))
    ended = lives.get(public)
    assert ended and ended.is_over
    assert [one["kind"] for one in network.get(host, "/v1/me/decisions")["items"]] == ["live"]


def test_a_hidden_post_is_visible_only_to_its_author_until_unhidden(network: Network) -> None:
    author, reader, office = network.person(), network.person(), Office(network)
    post = network.post(author, "cheap watches #watch")
    assert office.decide(f"post/{post['id']}", "hide").body["measure"] == "hidden"
    assert office.decide(f"post/{post['id']}", "hide").status == 409
    assert office.decide(f"post/{post['id']}", "suspend").status == 422
    hide = office.events()
    office.apply(hide * 2)
    assert network.request(reader, "GET", f"/v1/posts/{post['id']}").status == 404
    assert network.get(reader, f"/v1/users/{author}/posts")["items"] == []
    assert network.get(author, f"/v1/posts/{post['id']}")["hidden"] == "spam"
    (action,) = actions_of(network.aws.changes("posts")[-1])
    assert action.source is None
    (mine,) = network.get(author, "/v1/me/decisions")["items"]
    assert (mine["measure"], mine["comment"]) == ("hidden", "seen")
    assert "moderator" not in json.dumps(mine)
    assert network.get(reader, "/v1/me/decisions")["items"] == []
    office.decide(f"post/{post['id']}", "unhide")
    office.apply(office.events())
    office.apply(hide)
    assert network.get(reader, f"/v1/posts/{post['id']}")["hidden"] is None
    log = office.get(f"/v1/moderation/cases/post/{post['id']}").body["log"]
    assert [one["decision"] for one in log] == ["unhide", "hide"]
    audited = [one for one in office.get("/v1/moderation/log").body["items"] if one["subjectId"] == post["id"]]
    assert [(one["action"], one["moderator"]["id"], one["comment"]) for one in audited] == [
        ("unhide", office.id, "seen"), ("hide", office.id, "seen"),
    ]  # fmt: skip


def test_an_entry_of_the_audit_log_is_written_once_and_outlives_the_case(network: Network) -> None:
    author, office, audit = network.person(), Office(network), AuditLog("audit")
    post = network.post(author)
    assert office.decide(f"post/{post['id']}", "hide").status == 200
    entry = next(one for one in audit.page(None, 50).items if one.subject.id == post["id"])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        audit.append(replace(entry, comment="another"))
    assert ModerationRepository("moderation").forget(author) > 0
    assert entry in audit.page(None, 50).items


def test_a_decision_without_an_audit_entry_has_no_effect(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    author, office = network.person(), Office(network)
    post = network.post(author)
    assert office.decide(f"post/{post['id']}", "hide").status == 200
    taken = next(one for one in AuditLog("audit").page(None, 50).items if one.subject.id == post["id"]).id
    other = network.post(author)
    monkeypatch.setattr(moderation_commands, "new_id", lambda: taken)
    assert office.decide(f"post/{other['id']}", "hide").status == 409
    assert office.get(f"/v1/moderation/cases/post/{other['id']}").status == 404


def test_a_suspended_person_can_not_write_and_is_not_shown(network: Network) -> None:
    author, reader, office = network.person(), network.person(), Office(network)
    network.follow(author, reader)
    post = network.post(author)
    assert office.decide(f"person/{author}", "suspend").status == 200
    suspend = office.events()
    office.apply(suspend)
    assert network.request(reader, "GET", f"/v1/posts/{post['id']}").status == 404
    assert network.get(reader, f"/v1/users/{reader}/followers")["items"] == []
    seen = network.get(reader, f"/v1/users/{author}")
    assert (seen["suspended"], seen["bio"]) == ("spam", "")
    refused = network.request(author, "POST", "/v1/posts", {"clientPostId": "x", "text": "more"})
    assert (refused.status, refused.body["type"]) == (403, "account-suspended")
    assert network.get(author, "/v1/me")["suspended"] == "spam"
    appeal = {"kind": "person", "subjectId": author, "text": "It was not me."}
    answers = [call_http(moderation.handler, "POST", "/v1/appeals", user=author, body=appeal) for _ in range(2)]
    assert [one.status for one in answers] == [204, 409]
    stranger = call_http(moderation.handler, "POST", "/v1/appeals", user=reader, body=appeal)
    assert stranger.status == 404
    case = office.get(f"/v1/moderation/cases/person/{author}").body
    assert (case["open"], case["appeal"]["text"], case["ownerSuspended"]) == (True, "It was not me.", "spam")
    office.decide(f"person/{author}", "unsuspend")
    office.apply(office.events())
    office.apply(suspend)
    assert network.request(author, "POST", "/v1/posts", {"clientPostId": "x", "text": "more"}).status == 201
    assert network.get(reader, f"/v1/posts/{post['id']}")["id"] == post["id"]


def test_a_moderator_cannot_decide_their_own_case(network: Network) -> None:
    office = Office(network)
    body = {"handle": network.handle_of(office.id), "displayName": "M"}
    assert call_http(profiles.handler, "PUT", "/v1/me", user=office.id, body=body).status == 201
    assert office.decide(f"person/{office.id}", "suspend").status == 403


def test_many_posts_of_a_suspended_person_are_withheld_page_by_page(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.posts.moderation._PAGE", 2)
    author, office = network.person(), Office(network)
    posts = [network.post(author)["id"] for _ in range(5)]
    sent: list[Any] = []
    monkeypatch.setattr(moderation.queues, "send", lambda url, message: sent.append(message))
    office.decide(f"person/{author}", "suspend")
    office.apply(office.events())
    while sent:
        office.apply([sent.pop()])
    found = network.aws.client("dynamodb")
    for one in posts:
        key = {"pk": {"S": f"POST#{one}"}, "sk": {"S": "POST"}}
        assert found.get_item(TableName="posts", Key=key)["Item"]["withheld"]["BOOL"] is True
    CommandLimits("idempotency").open(author, 9)


@pytest.mark.parametrize("group", ["moderators", "administrators"])
def test_only_administrators_can_suspend_staff(network: Network, fresh: Aws, group: str) -> None:
    colleague, office = network.person(), Office(network)
    pool = {"UserPoolId": fresh.environment["USER_POOL_ID"]}
    cognito = fresh.client("cognito-idp")
    cognito.admin_create_user(**pool, Username=colleague)
    cognito.create_group(**pool, GroupName=group)
    cognito.admin_add_user_to_group(**pool, Username=colleague, GroupName=group)
    case, way_out = f"person/{colleague}", f"/v1/moderation/people/{colleague}/sign-out"
    assert office.decide(case, "suspend").status == 403
    assert call_http(moderation.handler, "POST", way_out, user=office.id, groups="[moderators]").status == 403
    above = {"user": office.id, "groups": "[administrators]"}
    assert call_http(moderation.handler, "POST", way_out, **above).status == 202
    body = {"decision": "suspend", "reason": "spam"}
    path = f"/v1/moderation/cases/{case}/decisions"
    assert call_http(moderation.handler, "POST", path, body=body, **above).body["measure"] == "suspended"
    # Moderators cannot reinstate staff either.
    assert office.decide(case, "unsuspend").status == 403
