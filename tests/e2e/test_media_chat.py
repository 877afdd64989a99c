"""Media of messages and groups are deleted when unreferenced: from the bucket, and from CloudFront's cache."""

from __future__ import annotations

import uuid
from typing import Any

import boto3

from emulation.settings import REGION
from kit.settings import Settings
from tests.support.files import photo_with_place
from tests.support.people import Person, Town, eventually, fetch


def photo(owner: Person) -> str:
    return owner.api.upload("photo", "image/jpeg", photo_with_place(), "A wall")


def talk(one: Person, other: Person) -> str:
    made = str(one.api.post("/v1/conversations", {"memberId": other.id})["id"])
    one.api.post(f"/v1/conversations/{made}/messages", {"clientMessageId": uuid.uuid4().hex, "text": "hello"})
    other.api.put(f"/v1/conversations/{made}/request", {"accept": True})
    return made


def send(sender: Person, conversation: str, media_id: str) -> dict[str, Any]:
    body = {"clientMessageId": uuid.uuid4().hex, "text": "look", "mediaIds": [media_id]}
    made: dict[str, Any] = sender.api.post(f"/v1/conversations/{conversation}/messages", body)
    return made


def status(town: Town, url: str) -> int:
    return fetch(town.endpoints.base_url + url).status_code


def stored(town: Town, media_id: str) -> list[str]:
    """The medium's objects in the bucket, read with the owner's credentials."""
    keys = Settings.load().emulation.credentials.for_boto3()
    s3 = boto3.client("s3", endpoint_url=town.endpoints.emulator_url, region_name=REGION, **keys)
    bucket = town.endpoints.document["outputs"]["MediaBucket"]
    folders = (f"media/private/{media_id}/", f"media/public/{media_id}/")
    pages = [s3.list_objects_v2(Bucket=bucket, Prefix=one).get("Contents", []) for one in folders]
    return [one["Key"] for page in pages for one in page]


def gone(town: Town, media_id: str) -> None:
    eventually(lambda: stored(town, media_id), lambda keys: keys == [], f"the objects of {media_id} to be gone")


def delete_for_all(sender: Person, conversation: str, message: dict[str, Any]) -> None:
    path = f"/v1/conversations/{conversation}/messages/{message['seq']}?for=all"
    assert sender.api.http.delete(path).status_code == 204


def test_deleting_a_message_for_all_deletes_its_photo(town: Town) -> None:
    one, other = town.person(), town.person()
    conversation, media_id = talk(one, other), photo(one)
    first, second = send(one, conversation, media_id), send(one, conversation, media_id)
    items = other.api.get(f"/v1/conversations/{conversation}/messages")["items"]
    url = next(item["media"][0]["url"] for item in items if item["seq"] == first["seq"])
    assert [status(town, url) for _ in range(2)] == [200, 200]
    delete_for_all(one, conversation, first)
    shown = {item["seq"]: item for item in other.api.get(f"/v1/conversations/{conversation}/messages")["items"]}
    assert [shown[sent["seq"]]["deleted"] for sent in (first, second)] == [True, False]
    assert shown[first["seq"]]["media"] == []
    marker = photo(one)
    delete_for_all(one, conversation, send(one, conversation, marker))
    gone(town, marker)
    assert status(town, url) == 200, "the second message still shows it"
    delete_for_all(one, conversation, second)
    eventually(lambda: status(town, url), lambda code: code == 403, "the unexpired link to stop working")
    gone(town, media_id)
    assert one.refused("GET", f"/v1/media/{media_id}").status == 404


def test_a_photo_in_a_message_outlives_the_post_it_was_in(town: Town) -> None:
    one, other = town.person(), town.person()
    conversation, media_id = talk(one, other), photo(one)
    post = one.post("look", mediaIds=[media_id])
    message = send(one, conversation, media_id)
    only = photo(one)
    doomed = one.post("gone", mediaIds=[only])
    for made in (post, doomed):
        one.api.delete(f"/v1/posts/{made['id']}")
    gone(town, only)
    items = other.api.get(f"/v1/conversations/{conversation}/messages")["items"]
    url = next(item["media"][0]["url"] for item in items if item["seq"] == message["seq"])
    assert status(town, url) == 200


def test_a_replaced_picture_of_a_group_is_gone_and_an_avatar_stays(town: Town) -> None:
    owner, member = town.person(), town.person()
    owner.follow(member)
    member.follow(owner)
    first, both, third, fourth = (photo(owner) for _ in range(4))
    profile = {"handle": owner.handle, "displayName": "x", "avatarMediaId": both}
    owner.api.put("/v1/me", profile)
    avatar = str(member.api.get(f"/v1/users/{owner.id}")["avatarUrl"])
    asked = {"clientGroupId": uuid.uuid4().hex, "title": "Fair", "userIds": [member.id], "avatarMediaId": first}
    path = f"/v1/conversations/{owner.api.post('/v1/conversations/groups', asked)['id']}"
    url = str(owner.api.get(path)["avatarUrl"])
    assert [status(town, url) for _ in range(2)] == [200, 200]
    for picture in (both, third, fourth):
        owner.api.put(path, {"avatarMediaId": picture})
    eventually(lambda: status(town, url), lambda code: code == 403, "the first picture to be private again")
    for replaced in (first, third):
        gone(town, replaced)
    assert status(town, avatar) == 200
    assert status(town, str(owner.api.get(path)["avatarUrl"])) == 200
    owner.api.put("/v1/me", {**profile, "avatarMediaId": None})
    eventually(lambda: status(town, avatar), lambda code: code == 403, "the avatar to be private again")
    gone(town, both)
