"""Export and deletion of an account: through the public API, then checked in every store."""

from __future__ import annotations

import io
import json
import secrets
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest

from kit.client import Accounts, Api, Endpoints, Problem
from kit.settings import Settings
from tests.support.people import PASSWORD, Person, Town, eventually, fetch

#: Stores that keep user ids for their own reasons and remove them on their own: docs/contexts/accounts.md.
_TRANSIENT = ("asyncsns-idempotency", "asyncsns-audit")
#: In these stores an item belongs to a person by its keys: conversations to members, notifications to recipients.
_BY_KEY = ("asyncsns-chat", "asyncsns-notifications")
_PNG = (
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def test_only_its_owner_can_fetch_an_export(town: Town) -> None:
    person, other = town.person("Export", bio="今日は"), town.person()
    assert person.refused("GET", "/v1/me/export").status == 404
    media_id = person.api.upload("photo", "image/png", bytes.fromhex(_PNG), "a dot")
    post = person.post("to take along", mediaIds=[media_id])
    person.follow(other)
    asked = person.api.post("/v1/me/export")
    assert asked["state"] == "requested"
    ready = eventually(
        lambda: person.api.get("/v1/me/export"), lambda one: one["state"] != "requested", "the export", seconds=60
    )
    assert (ready["state"], ready["id"]) == ("ready", asked["id"])
    assert other.refused("GET", "/v1/me/export").status == 404
    link = Settings.load().reach(ready["url"])
    # The signature covers the host that browsers use, and a header that only the answer has.
    host = {"host": urlsplit(ready["url"]).netloc}
    signed_for = host | ready["headers"]
    again = person.api.get("/v1/me/export")
    for headers in (host, host | {"if-none-match": '"guess"'}, host | again["headers"], host | {"if-none-match": "*"}):
        assert httpx.get(link, headers=headers, timeout=60).status_code == 403, headers
    answer = httpx.get(link, headers=signed_for, timeout=60)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert [one["id"] for one in json.loads(archive.read("posts.json"))] == [post["id"]]
        assert [one["followeeId"] for one in json.loads(archive.read("following.json"))] == [other.id]
        assert any(name.startswith(f"media/{media_id}/") for name in archive.namelist())
    forged = link.replace(person.id, other.id)
    assert httpx.get(forged, headers=signed_for, timeout=60).status_code == 403
    assert httpx.get(link.split("?")[0], headers=signed_for, timeout=60).status_code == 403


def test_quotas_are_shown_and_enforced(town: Town) -> None:
    quota, window = 10, 3600
    # Windows end at the full hour: if that happened in between, another person's attempts all fall into the next
    # window.
    for _ in range(2):
        person, begun = town.person(), time.monotonic()
        answers = until_refused(person, 3 * quota)
        # A request that the limiter could not count within a second is allowed; its answer has no limit headers.
        counted = [one for one in answers if "ratelimit" in one.headers]
        if time.monotonic() - begun < int(counted[0].headers["ratelimit"].rpartition("t=")[2]):
            break
    assert [one.status_code for one in answers] == [422] * (len(answers) - 1) + [429]
    assert quota - (len(answers) - len(counted)) <= len(counted) - 1 <= quota
    left = [int(one.headers["ratelimit"].partition("r=")[2].partition(";")[0]) for one in counted]
    assert left == sorted(left, reverse=True)
    assert (left[0] < quota, left[-1]) == (True, 0)
    assert {one.headers["ratelimit-policy"] for one in counted} == {f'"account";q={quota};w={window}'}
    refused = answers[-1]
    assert refused.json()["type"] == "too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= window
    assert person.post("goes on")["text"] == "goes on"


def until_refused(person: Person, most: int) -> list[httpx.Response]:
    """Repeats one command until it is refused; returns all answers."""
    answers: list[httpx.Response] = []
    while len(answers) < most and (not answers or answers[-1].status_code != 429):
        answers.append(person.api.http.post("/v1/me/deletion", json={"handle": "nobody"}))
    return answers


def test_after_a_deletion_nothing_is_found_anywhere(town: Town, endpoints: Endpoints) -> None:
    email = f"gone{secrets.token_hex(6)}@example.com"
    word = f"w{secrets.token_hex(8)}"
    account = Accounts(endpoints).join(email, PASSWORD)
    api, handle = Api(endpoints, account), f"g_{secrets.token_hex(6)}"
    api.put("/v1/me", {"handle": handle, "displayName": "Leaving", "fields": [{"name": "Web", "value": "https://e.x"}]})
    other = town.person()
    root = other.post("stays")
    media_id = api.upload("photo", "image/png", bytes.fromhex(_PNG))
    avatar = api.upload("photo", "image/png", bytes.fromhex(_PNG))
    api.put("/v1/me", {"handle": handle, "displayName": "Leaving", "avatarMediaId": avatar})
    posts = [
        _post(api, f"{word} #{word}", mediaIds=[media_id]),
        _post(api, "an answer", replyTo=root["id"]),
        _post(api, "for followers", visibility="followers"),
    ]
    for follow in (lambda: other.api.put(f"/v1/follows/{account.user_id}"), lambda: api.put(f"/v1/follows/{other.id}")):
        follow()
    api.put(f"/v1/posts/{root['id']}/like")
    other.api.put(f"/v1/posts/{posts[0]['id']}/like")
    api.put(f"/v1/searches/{root['id']}", {"name": "kept", "query": word})
    for owner, member, ends in ((api, other.id, "A"), (other.api, account.user_id, "B")):
        listed = root["id"][:-1] + ends
        owner.put(f"/v1/lists/{listed}", {"name": "people"})
        owner.put(f"/v1/lists/{listed}/members/{member}")
    conversation = api.post("/v1/conversations", {"memberId": other.id})
    message = {"clientMessageId": uuid.uuid4().hex, "text": "goodbye"}
    api.post(f"/v1/conversations/{conversation['id']}/messages", message)
    photo = endpoints.base_url + api.get(f"/v1/posts/{posts[0]['id']}")["media"][0]["url"]
    assert media_id in photo
    assert fetch(photo).status_code == 200
    eventually(lambda: _found(other.api, word), lambda found: found == 1, "the post to be found")
    eventually(lambda: other.home(), lambda home: posts[0]["id"] in home, "the post in the timeline")

    api.post("/v1/me/deletion", {"handle": f"@{handle}"})
    eventually(lambda: _rows(endpoints, "asyncsns-accounts", account.user_id), lambda rows: not rows, "the end")

    with pytest.raises(Problem) as refused:
        api.put("/v1/me", {"handle": f"{handle}x", "displayName": "back"})
    assert refused.value.type == "account-suspended"
    for path in (f"/v1/users/{account.user_id}", f"/v1/users/by-handle/{handle}", f"/v1/posts/{posts[0]['id']}"):
        assert other.refused("GET", path).status == 404
    eventually(lambda: _found(other.api, word), lambda found: found == 0, "search to forget the post")
    assert not set(other.home()) & {one["id"] for one in posts}
    eventually(
        lambda: other.api.get("/v1/search", q=handle, type="people")["items"],
        lambda items: items == [],
        "search to forget the person",
    )
    me = eventually(
        lambda: other.api.get("/v1/me")["counts"],
        lambda counts: (counts["followers"], counts["following"]) == (0, 0),
        "the follows to be uncounted",
    )
    assert me["posts"] == 1
    shown = eventually(
        lambda: other.api.get(f"/v1/posts/{root['id']}")["counts"],
        lambda counts: (counts["likes"], counts["replies"]) == (0, 0),
        "the like and the reply to be uncounted",
    )
    assert shown["likes"] == 0
    (kept,) = other.api.get(f"/v1/conversations/{conversation['id']}/messages")["items"]
    assert kept["text"] == "goodbye"
    eventually(
        lambda: _object_keys(endpoints, media_id) + _object_keys(endpoints, avatar),
        lambda keys: keys == [],
        "the objects of the media to be deleted",
    )
    eventually(lambda: fetch(photo).status_code, lambda status: status == 403, "the signed link to stop working")
    with pytest.raises(Exception, match=r"NotAuthorized|UserNotFound|Incorrect"):
        Accounts(endpoints).sign_in(email, PASSWORD)
    # Timelines are erased by events, which queue behind those of earlier tests
    eventually(
        lambda: list(_traces(endpoints, account.user_id)), lambda left: left == [], "the last traces to be deleted", 180
    )
    api.close()


def _post(api: Api, text: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
    return made


def _found(api: Api, word: str) -> int:
    return len(api.get("/v1/search", q=word)["items"])


def _client(endpoints: Endpoints, service: str) -> Any:
    """The emulator with the operator's credentials: the test checks what is stored, not what the API shows."""
    if not endpoints.emulator_url:
        pytest.skip("looks into the emulator's tables")
    return boto3.client(
        service,
        region_name=endpoints.region,
        endpoint_url=endpoints.emulator_url,
        **Settings.load().emulation.credentials.for_boto3(),
    )


def _rows(endpoints: Endpoints, table: str, user_id: str) -> list[dict[str, Any]]:
    pages = _client(endpoints, "dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"] if user_id in json.dumps(item, default=str)]


def _traces(endpoints: Endpoints, user_id: str) -> Iterator[str]:
    tables = _client(endpoints, "dynamodb").list_tables()["TableNames"]
    assert "asyncsns-posts" in tables
    for table in tables:
        if table in _TRANSIENT:
            continue
        for item in _rows(endpoints, table, user_id):
            keys = [item[name]["S"] for name in ("pk", "gsi1pk", "gsi2pk") if name in item]
            if table not in _BY_KEY or user_id in str(keys):
                yield f"{table}: {json.dumps(item, default=str)[:500]}"


def _object_keys(endpoints: Endpoints, part: str) -> list[str]:
    s3 = _client(endpoints, "s3")
    found = []
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"].startswith(("asyncsns-media", "asyncsns-exports")):
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
                found += [one["Key"] for one in page.get("Contents", []) if part in one["Key"]]
    return found
