"""Posts through the public API: publishing once, visibility, replies, likes, deletion."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.people import Person, Town, eventually

NOBODY = "00000000-0000-4000-8000-000000000000"
NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def test_a_post_carries_its_entities_and_both_versions_show_it(town: Town) -> None:
    author, friend = town.person("Author"), town.person()
    text = f"👋 @{friend.handle} と ＃東京タワー #Tokyo https://example.com/a?b=1#c. @nobody_has_this"
    post = author.post(text)
    assert post["author"] == {"id": author.id, "handle": author.handle, "displayName": "Author", "avatarUrl": None}
    assert post["lang"] == "ja"
    assert post["entities"] == {
        "tags": ["東京タワー", "tokyo"],
        "mentions": [{"handle": friend.handle, "userId": friend.id}],
        "links": ["https://example.com/a?b=1#c"],
    }
    assert friend.api.get(f"/v1/posts/{post['id']}") == post
    second = friend.api.get(f"/v2/posts/{post['id']}")
    assert second["author"] == author.id
    assert second["included"]["authors"][0]["handle"] == author.handle
    assert "text" not in second
    shown = {(one["kind"], text[one["start"] : one["end"]]) for one in second["content"]["facets"]}
    assert shown == {
        ("mention", f"@{friend.handle}"),
        ("tag", "＃東京タワー"),
        ("tag", "#Tokyo"),
        ("link", "https://example.com/a?b=1#c"),
    }


def test_a_retry_publishes_once(town: Town) -> None:
    author = town.person()
    body = {"clientPostId": uuid.uuid4().hex, "text": "once"}
    first = author.api.post("/v1/posts", body)
    assert author.api.post("/v1/posts", body)["id"] == first["id"]
    key = uuid.uuid4().hex
    keyed = author.api.post("/v1/posts", {**body, "clientPostId": "other"}, key=key)
    assert author.api.post("/v1/posts", {**body, "clientPostId": "other"}, key=key) == keyed
    assert author.refused("POST", "/v1/posts", {**body, "text": "another"}, key=key).status == 422
    with ThreadPoolExecutor(8) as pool:
        same = {"clientPostId": uuid.uuid4().hex, "text": "at once"}
        made = set(pool.map(lambda _: author.api.post("/v1/posts", same)["id"], range(8)))
    assert len(made) == 1
    assert len(author.walk(f"/v1/users/{author.id}/posts")) == 3


def test_visibility_decides_who_sees_a_post(town: Town) -> None:
    author, follower, mentioned, stranger = (town.person() for _ in range(4))
    follower.follow(author)
    sees: dict[str, list[Person]] = {
        "public": [author, follower, mentioned, stranger],
        "unlisted": [author, follower, mentioned, stranger],
        "followers": [author, follower, mentioned],
        "mentioned": [author, mentioned],
    }
    for visibility, allowed in sees.items():
        post = author.post(f"for @{mentioned.handle}", visibility=visibility)
        for person in (author, follower, mentioned, stranger):
            for path in (f"/v1/posts/{post['id']}", f"/v2/posts/{post['id']}", f"/v1/posts/{post['id']}/replies"):
                if person in allowed:
                    person.api.get(path)
                else:
                    assert person.refused("GET", path).status == 404
            listed = [one["id"] for one in person.api.get(f"/v1/users/{author.id}/posts")["items"]]
            assert (post["id"] in listed) == (person in allowed)
            if person not in allowed:
                assert person.refused("PUT", f"/v1/posts/{post['id']}/like").status == 404
                assert person.refused("DELETE", f"/v1/posts/{post['id']}").status == 404
                reply = {"clientPostId": uuid.uuid4().hex, "text": "re", "replyTo": post["id"]}
                assert person.refused("POST", "/v1/posts", reply).status == 404


def test_unfollowing_closes_posts_for_followers(town: Town) -> None:
    author, follower = town.person(), town.person()
    follower.follow(author)
    post = author.post("for followers", visibility="followers")
    follower.api.get(f"/v1/posts/{post['id']}")
    follower.api.delete(f"/v1/follows/{author.id}")
    assert follower.refused("GET", f"/v1/posts/{post['id']}").status == 404


def test_replies_are_listed_and_counted(town: Town) -> None:
    author, other = town.person(), town.person()
    post = author.post("question")
    reply = other.post("answer", replyTo=post["id"])
    nested = author.post("thanks", replyTo=reply["id"])
    assert reply["replyTo"] == post["id"]
    assert [one["id"] for one in author.api.get(f"/v1/posts/{post['id']}/replies")["items"]] == [reply["id"]]
    assert [one["id"] for one in author.api.get(f"/v1/posts/{reply['id']}/replies")["items"]] == [nested["id"]]
    path = f"/v1/posts/{post['id']}"
    eventually(lambda: author.api.get(path), lambda one: one["counts"]["replies"] == 1, "the reply to be counted")
    other.api.delete(f"/v1/posts/{reply['id']}")
    eventually(lambda: author.api.get(path), lambda one: one["counts"]["replies"] == 0, "the reply to be removed")
    assert author.api.get(f"{path}/replies")["items"] == []


def test_likes_by_many_end_with_the_number_of_edges(town: Town) -> None:
    author, people = town.person(), [town.person() for _ in range(4)]
    post = author.post("like me")
    path = f"/v1/posts/{post['id']}/like"
    calls = [(one, method) for one in people for method in ("PUT", "DELETE", "PUT", "PUT", "DELETE", "PUT") * 2]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda call: call[0].api.call(call[1], path), calls))
    for one in people[:3]:
        one.api.put(path)
    people[3].api.delete(path)
    last = author.post("after")
    people[0].api.put(f"/v1/posts/{last['id']}/like")
    eventually(
        lambda: author.api.get(f"/v1/posts/{last['id']}"),
        lambda one: one["counts"]["likes"] == 1,
        "a like made later to be counted",
    )
    seen = eventually(
        lambda: people[0].api.get(f"/v1/posts/{post['id']}"),
        lambda one: one["counts"]["likes"] == 3,
        "three likes",
    )
    assert seen["viewer"]["liked"] is True
    assert people[3].api.get(f"/v1/posts/{post['id']}")["viewer"]["liked"] is False


def test_a_deleted_post_is_gone_everywhere(town: Town) -> None:
    author, reader = town.person(), town.person()
    reader.follow(author)
    tag = f"t{uuid.uuid4().hex[:10]}"
    post = author.post(f"soon gone #{tag}")
    lists = ["/v1/timelines/home", f"/v1/timelines/tags/{tag}", f"/v1/users/{author.id}/posts"]
    for path in lists:
        eventually(lambda path=path: _ids(reader, path), lambda ids: post["id"] in ids, f"the post in {path}")  # type: ignore[misc]
    eventually(lambda: reader.sees_in_public(post["id"]), bool, "the post in public")
    assert reader.refused("DELETE", f"/v1/posts/{post['id']}").status == 403
    for _ in range(2):
        author.api.delete(f"/v1/posts/{post['id']}")
    for path in lists:
        assert post["id"] not in _ids(reader, path)
    assert not reader.sees_in_public(post["id"])
    for path in (f"/v1/posts/{post['id']}", f"/v2/posts/{post['id']}", f"/v1/posts/{post['id']}/replies"):
        assert reader.refused("GET", path).status == 404
    assert reader.refused("PUT", f"/v1/posts/{post['id']}/like").status == 404
    eventually(lambda: author.api.get("/v1/me"), lambda me: me["counts"]["posts"] == 0, "the post to be uncounted")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "clientPostId"),
        ({"clientPostId": "a", "text": ""}, 400, "text"),
        ({"clientPostId": "a", "text": "   \n"}, 400, "text"),
        ({"clientPostId": "a", "text": "👨‍👩‍👧" * 501}, 400, "text"),
        ({"clientPostId": "a", "text": "a\u0000b"}, 400, "text"),
        ({"clientPostId": "a", "text": 5}, 400, "text"),
        ({"clientPostId": "", "text": "x"}, 400, "clientPostId"),
        ({"clientPostId": "a" * 65, "text": "x"}, 400, "clientPostId"),
        ({"clientPostId": "a", "text": "x", "visibility": "secret"}, 400, "visibility"),
        ({"clientPostId": "a", "text": "x", "mediaIds": "abc"}, 400, "mediaIds"),
        ({"clientPostId": "a", "text": "x", "mediaIds": [NOTHING] * 5}, 400, "mediaIds"),
        ({"clientPostId": "a", "text": "x", "mediaIds": [NOTHING] * 2}, 400, "mediaIds"),
        ({"clientPostId": "a", "text": "x", "mediaIds": [NOTHING]}, 422, "mediaIds"),
        ({"clientPostId": "a", "text": "x", "replyTo": "1"}, 400, "replyTo"),
        ({"clientPostId": "a", "text": "x", "lang": "!!"}, 400, "lang"),
        ({"clientPostId": "a", "text": "x", "authorId": NOBODY}, 400, "authorId"),
    ],
)
def test_an_invalid_post_is_refused_with_the_expected_values(town: Town, body: object, status: int, field: str) -> None:
    problem = town.person().refused("POST", "/v1/posts", body)
    assert problem.status == status, problem
    assert any(error["field"].startswith(field) for error in problem.document["errors"]), problem


def test_the_longest_post_counts_visible_characters(town: Town) -> None:
    text = "👨‍👩‍👧" * 500
    assert town.person().post(text)["text"] == text


def test_wrong_ids_bodies_and_cursors_get_different_errors(town: Town) -> None:
    person = town.person()
    assert person.refused("POST", "/v1/posts", {"clientPostId": "a", "text": "x", "replyTo": NOTHING}).status == 404
    for path in ("/v1/posts/1", "/v1/posts/1/replies", "/v2/posts/x", "/v1/users/x/posts", "/v1/media/x"):
        assert person.refused("GET", path).status == 400, path
    for path in (f"/v1/posts/{NOTHING}", f"/v2/posts/{NOTHING}", f"/v1/users/{NOBODY}", f"/v1/media/{NOTHING}"):
        assert person.refused("GET", path).status == 404, path
    assert person.refused("GET", "/v1/users/by-handle/no_one_at_all").status == 404
    assert person.refused("GET", "/v1/nothing/here").status == 404
    lists = ["/v1/timelines/home", "/v1/timelines/public", "/v1/timelines/tags/x"]
    lists += [f"/v1/users/{person.id}/{name}" for name in ("posts", "followers", "following")]
    for path in lists:
        for cursor in ("garbage", "W10", "WyJob21lIiwib2xkZXIiLCJ4Il0", "💥"):
            problem = person.refused("GET", path, cursor=cursor)
            assert (problem.status, problem.type) == (400, "invalid-cursor"), (path, cursor)
        for limit in ("0", "51", "x", "-1"):
            assert person.refused("GET", path, limit=limit).status == 400
    for body in ("{", "[]", "null", '"x"', "{}" * 10):
        answer = person.api.http.post("/v1/posts", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, body
        assert answer.headers["content-type"].startswith("application/problem+json")


def _ids(person: Person, path: str) -> list[str]:
    return [one["id"] for one in person.api.get(path, limit=50)["items"]]
