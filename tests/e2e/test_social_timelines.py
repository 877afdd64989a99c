"""Timelines through the public API: fan-out, backfill, removal, paging during writes, live frames."""

from __future__ import annotations

import uuid

from kit.client import Socket
from tests.support.people import Town, eventually


def test_the_author_sees_a_post_at_once_and_followers_soon_and_live(town: Town) -> None:
    author, reader, stranger = (town.person() for _ in range(3))
    reader.follow(author)
    before = author.post("before")
    eventually(reader.home, lambda ids: before["id"] in ids, "the follow to take effect")
    with Socket(town.endpoints, reader.api) as device:
        post = author.post("hello")
        assert author.home()[0] == post["id"]
        told = device.wait("timeline.posted", lambda data: data["postId"] == post["id"])
    assert told["data"] == {"postId": post["id"], "authorId": author.id}
    eventually(reader.home, lambda ids: post["id"] in ids, "the post at its follower's")
    eventually(lambda: stranger.sees_in_public(post["id"]), bool, "the post in public")
    assert stranger.home() == []


def test_a_new_follower_gets_the_last_posts_and_loses_them_with_the_follow(town: Town) -> None:
    author, reader = town.person(), town.person()
    mine = reader.post("mine")["id"]
    posts = [author.post(f"number {number}")["id"] for number in range(22)]
    hidden = author.post("not for followers", visibility="mentioned")["id"]
    eventually(lambda: reader.sees_in_public(posts[-1]), bool, "the fan-out of the last post")
    reader.follow(author)
    home = eventually(reader.home, lambda ids: set(posts[-19:]) <= set(ids), "the backfill")
    assert hidden not in home
    assert home == sorted(home, reverse=True)
    reader.api.delete(f"/v1/follows/{author.id}")
    eventually(reader.home, lambda ids: ids == [mine], "the author's posts to be removed")


def test_visibility_and_replies_decide_who_gets_a_post(town: Town) -> None:
    author, reader, other = (town.person() for _ in range(3))
    reader.follow(author)
    tag = f"t{uuid.uuid4().hex[:10]}"
    foreign = other.post("a foreign post")
    posts = {
        "unlisted": author.post(f"unlisted #{tag}", visibility="unlisted")["id"],
        "followers": author.post(f"followers #{tag}", visibility="followers")["id"],
        "mentioned": author.post(f"mentioned #{tag}", visibility="mentioned")["id"],
        "reply": author.post(f"reply #{tag}", replyTo=foreign["id"])["id"],
        "public": author.post(f"public #{tag}")["id"],
    }
    thread = author.post("and on", replyTo=posts["public"])["id"]
    home = eventually(reader.home, lambda ids: thread in ids and posts["public"] in ids, "the thread")
    home = eventually(reader.home, lambda ids: posts["unlisted"] in ids and posts["followers"] in ids, "all kinds")
    assert posts["mentioned"] not in home
    assert posts["reply"] not in home
    tagged = eventually(
        lambda: {one["id"] for one in other.api.get(f"/v1/timelines/tags/{tag}")["items"]},
        lambda ids: {posts["public"], posts["reply"]} <= ids,
        "the tag's timeline",
    )
    assert tagged == {posts["public"], posts["reply"]}
    public = {one["id"] for one in other.api.get("/v1/timelines/public", limit=50)["items"]}
    assert public & set(posts.values()) <= {posts["public"]}


def test_pages_have_no_gaps_or_duplicates_during_concurrent_writes(town: Town) -> None:
    author = town.person()
    first = [author.post(f"number {number}")["id"] for number in range(12)]
    page = author.api.get("/v1/timelines/home", limit=5)
    seen, newest = [one["id"] for one in page["items"]], page["newer"]
    late = [author.post(f"late {number}")["id"] for number in range(7)]
    while page["older"]:
        page = author.api.get("/v1/timelines/home", limit=5, cursor=page["older"])
        seen += [one["id"] for one in page["items"]]
    assert seen == first[::-1]
    newer: list[str] = []
    while True:
        page = author.api.get("/v1/timelines/home", limit=3, cursor=newest)
        if not page["items"]:
            break
        newer += [one["id"] for one in reversed(page["items"])]
        newest = page["newer"]
    assert newer == late
    author.post("one more")
    assert len(author.api.get("/v1/timelines/home", limit=3, cursor=page["newer"])["items"]) == 1
