"""Access to the media of posts, by every known way around: only viewers of the post have it, for a limited time."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kit.settings import Settings
from services.common.clock import now, to_text
from services.common.ids import new_id
from services.common.signed_urls import encode, policy_of, sign
from tests.support.files import photo_with_place
from tests.support.people import Person, Town, eventually, fetch


def shared(person: Person, **more: Any) -> dict[str, Any]:
    """A new post with a photo."""
    media_id = person.api.upload("photo", "image/jpeg", photo_with_place(), "A wall")
    return person.post("look", mediaIds=[media_id], **more)


def medium(viewer: Person, post: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = viewer.api.get(f"/v1/posts/{post['id']}")["media"][0]
    return found


def status(town: Town, url: str, **headers: str) -> int:
    return fetch(town.endpoints.base_url + url, headers=headers).status_code


def links(media: dict[str, Any]) -> list[str]:
    return [media["url"], media["thumbnailUrl"], *(one["url"] for one in media["variants"])]


def test_only_permitted_viewers_of_a_post_get_media_links_and_each_works(town: Town) -> None:
    author, follower, stranger = town.person(), town.person(), town.person()
    follower.follow(author)
    post = shared(author, visibility="followers")
    for viewer in (author, follower):
        found = links(medium(viewer, post))
        assert [status(town, url) for url in found] == [200] * len(found)
    assert [status(town, url) for url in links(post["media"][0])] == [200] * len(found)
    assert stranger.refused("GET", f"/v1/posts/{post['id']}").status == 404
    media_id = post["media"][0]["id"]
    for viewer in (follower, stranger):
        assert viewer.refused("GET", f"/v1/media/{media_id}").status == 404
        assert viewer.refused("DELETE", f"/v1/media/{media_id}").status == 404


@pytest.mark.parametrize("visibility", ["public", "unlisted", "followers", "mentioned"])
def test_no_medium_of_a_post_opens_without_a_signature(town: Town, visibility: str) -> None:
    author = town.person()
    for url in links(shared(author, visibility=visibility)["media"][0]):
        path = urlsplit(url).path
        assert status(town, path) == 403
        token = {"authorization": f"Bearer {author.api.account.access_token}"} if author.api.account else {}
        assert status(town, path, **token) == 403
        assert status(town, path.replace("/private", "")) == 403


def test_the_signature_of_one_medium_opens_no_other(town: Town) -> None:
    author, thief = town.person(), town.person()
    hidden = urlsplit(shared(author, visibility="mentioned")["media"][0]["url"]).path
    own = urlsplit(shared(thief)["media"][0]["url"])
    folder = own.path.rpartition("/")[0]
    origin = town.endpoints.document["baseUrl"]
    tries = [
        f"{hidden}?{own.query}",
        f"{hidden}?x={origin}{folder}/&{own.query}",
        f"{hidden}?{origin}{folder}/original.jpg&{own.query}",
        f"{folder}/..{hidden.removeprefix('/media/private')}?{own.query}",
        f"{folder}/%2e%2e{hidden.removeprefix('/media/private')}?{own.query}",
        f"{folder}/..%2f..%2f..{hidden}?{own.query}",
        f"{folder}/{hidden}?{own.query}",
        f"{hidden}?{own.query}&{own.query}",
        f"/media/./private{hidden.removeprefix('/media/private')}?{own.query}",
        f"//media/private{hidden.removeprefix('/media/private')}?{own.query}",
        f"/media//private{hidden.removeprefix('/media/private')}?{own.query}",
        f"/Media/private{hidden.removeprefix('/media/private')}?{own.query}",
    ]
    for url in tries:
        # The client must not normalize the path: the request line is sent unchanged.
        assert _raw(town, url) in (400, 403, 404) or _is_page(town, url), url
    cookies = "; ".join(f"CloudFront-{part}" for part in own.query.split("&"))
    assert status(town, hidden, cookie=cookies) == 403
    assert status(town, own.path, cookie=cookies) == 200


def _raw(town: Town, target: str) -> int:
    import http.client

    parts = urlsplit(town.endpoints.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
    try:
        connection.request("GET", target)
        return connection.getresponse().status
    finally:
        connection.close()


def _is_page(town: Town, target: str) -> bool:
    """Whether the UI answered: it serves paths outside media."""
    return "text/html" in fetch(town.endpoints.base_url + target).headers.get("content-type", "")


def test_an_expired_or_changed_link_opens_nothing(town: Town) -> None:
    author = town.person()
    url = urlsplit(shared(author, visibility="followers")["media"][0]["url"])
    query = dict(part.split("=", 1) for part in url.query.split("&"))
    origin = town.endpoints.document["baseUrl"]
    key = (Settings.load().home / "keys" / "media.pem").read_text()

    def signed(seconds: int) -> str:
        policy = policy_of(f"{origin}{url.path}", int(time.time()) + seconds)
        signature = encode(sign(key, policy))
        return f"{url.path}?Policy={encode(policy)}&Signature={signature}&Key-Pair-Id={query['Key-Pair-Id']}"

    assert status(town, signed(60)) == 200
    assert status(town, signed(-1)) == 403
    longer = encode(policy_of(f"{origin}{url.path}", int(time.time()) + 10**8))
    assert status(town, f"{url.path}?{url.query}".replace(query["Policy"], longer)) == 403
    assert status(town, f"{url.path}?{url.query}".replace(query["Key-Pair-Id"], "K2SOMEONEELSE")) == 403
    assert status(town, f"{url.path}?Key-Pair-Id={query['Key-Pair-Id']}") == 403


def test_the_bucket_refuses_direct_requests(town: Town) -> None:
    author = town.person()
    made = author.api.post("/v1/media", {"kind": "photo", "contentType": "image/png", "bytes": 10})
    bucket = Settings.load().reach(made["upload"]["url"]).rstrip("/")
    url = urlsplit(shared(author)["media"][0]["url"])
    for target in (url.path, f"{url.path}?{url.query}", "/", "?list-type=2"):
        assert fetch(bucket + target).status_code in (400, 403), target
    assert httpx.put(f"{bucket}{url.path}", content=b"x", timeout=60).status_code == 403
    assert httpx.delete(bucket + url.path, timeout=60).status_code == 403


def test_everybody_gets_the_same_link_and_the_edge_keeps_a_copy(town: Town) -> None:
    author, other = town.person(), town.person()
    post = shared(author)
    # Links are the same for an hour, which may end between the two requests.
    (url,) = eventually(
        lambda: {medium(one, post)["url"] for one in (author, other)},
        lambda found: len(found) == 1,
        "one link for both",
    )
    first, second = (fetch(town.endpoints.base_url + url) for _ in range(2))
    assert first.headers["x-cache"].startswith(("Miss", "Hit"))
    assert second.headers["x-cache"] == "Hit from cloudfront"
    part = fetch(town.endpoints.base_url + url, headers={"range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"\xff\xd8\xff")


def test_a_deleted_post_removes_its_medium_from_bucket_and_caches(town: Town) -> None:
    author = town.person()
    post = shared(author)
    found = links(medium(author, post))
    assert [status(town, url) for url in found] == [200] * len(found)
    author.api.delete(f"/v1/posts/{post['id']}")
    for url in found:
        eventually(lambda url=url: status(town, url), lambda code: code == 403, f"{url} to be gone")
    assert author.refused("GET", f"/v1/media/{post['media'][0]['id']}").status == 404


def test_a_medium_of_two_posts_stays_while_one_of_them_does(town: Town) -> None:
    author = town.person()
    first = shared(author)
    second = author.post("again", mediaIds=[first["media"][0]["id"]])
    only = shared(author)
    for post in (only, first):
        author.api.delete(f"/v1/posts/{post['id']}")
    path = f"/v1/media/{only['media'][0]['id']}"
    eventually(lambda: author.api.http.get(path).status_code, lambda code: code == 404, "the other medium to be gone")
    assert status(town, medium(author, second)["url"]) == 200


def test_a_profile_picture_is_public_only_while_it_is_in_use(town: Town) -> None:
    author, other = town.person(), town.person()
    post = shared(author, visibility="mentioned")
    profile = {"handle": author.handle, "displayName": "x"}
    author.api.put("/v1/me", {**profile, "avatarMediaId": post["media"][0]["id"]})
    avatar = other.api.get(f"/v1/users/{author.id}")["avatarUrl"]
    assert "?" not in avatar
    answer = fetch(town.endpoints.base_url + avatar)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert "public" in answer.headers["cache-control"]
    assert status(town, avatar.replace("thumb.webp", "original.jpg")) == 403
    author.api.put("/v1/me", {**profile, "avatarMediaId": None})
    eventually(lambda: status(town, avatar), lambda code: code == 403, "the public copy to be gone")
    assert status(town, medium(author, post)["url"]) == 200


def test_unposted_media_can_be_discarded(town: Town) -> None:
    author = town.person()
    media_id = author.api.upload("photo", "image/jpeg", photo_with_place())
    url = author.api.get(f"/v1/media/{media_id}")["url"]
    assert status(town, url) == 200
    author.api.delete(f"/v1/media/{media_id}")
    eventually(lambda: status(town, url), lambda code: code == 403, "the medium to be gone")
    assert author.refused("DELETE", f"/v1/media/{media_id}").status == 404


def test_media_of_other_people_cannot_be_used(town: Town) -> None:
    owner, thief = town.person(), town.person()
    media_id = owner.api.upload("photo", "image/jpeg", photo_with_place())
    post, named = thief.post("hello"), {"mediaIds": [media_id]}
    asked = {"clientGroupId": new_id(), "title": "Fair", "userIds": [owner.id]}
    group = thief.api.post("/v1/conversations/groups", asked)
    profile = {"handle": thief.handle, "displayName": "x"}
    at = to_text(now() + timedelta(hours=1))
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"/v1/drafts/{new_id()}", {"content": {"text": "mine", **named}}),
        ("PUT", f"/v1/scheduled-posts/{new_id()}", {"publishAt": at, "post": {"text": "mine", **named}}),
        ("POST", "/v1/posts", {"clientPostId": new_id(), "text": "mine", **named}),
        ("PATCH", f"/v1/posts/{post['id']}", {"version": post["version"], **named}),
        ("POST", f"/v1/conversations/{group['id']}/messages", {"clientMessageId": new_id(), "text": "mine", **named}),
        ("PUT", f"/v1/conversations/{group['id']}", {"avatarMediaId": media_id}),
        ("POST", "/v1/conversations/groups", {**asked, "clientGroupId": new_id(), "avatarMediaId": media_id}),
        ("PUT", "/v1/me", {**profile, "avatarMediaId": media_id}),
        ("PUT", "/v1/me", {**profile, "headerMediaId": media_id}),
    ]
    for method, path, body in tries:
        refused = thief.refused(method, path, body)
        assert refused.status in (404, 422), (method, path)
        assert media_id in refused.document["errors"][0]["got"], (method, path)
    assert thief.api.get("/v1/drafts")["items"] == []
    # Nothing references the medium, so its owner can delete it.
    owner.api.delete(f"/v1/media/{media_id}")
