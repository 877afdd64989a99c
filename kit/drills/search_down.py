"""The search domain hangs: it accepts connections and answers nothing."""

from __future__ import annotations

import time

from kit.drills.phrases import took, within
from kit.drills.scene import Scene, status_of, timed

#: Above the client's own patience, below API Gateway's 30 seconds.
_PATIENCE_SECONDS = 15


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    word = f"drill{scene.run}"
    before = scene.say(ann, f"before {word}x")
    scene.within(
        "Before: a new post is found", "事前: 新しい投稿が検索できる", 30,
        lambda: ann.get("/v1/search", q=f"{word}x")["items"], bool,
    )  # fmt: skip
    with scene.frozen("search"):
        begun = time.monotonic()
        answer = status_of(lambda: ann.get("/v1/search", q=f"{word}x"))
        taken = time.monotonic() - begun
        scene.expect("Searching", "検索", 503, answer)
        scene.expect(
            "People get the error early, not after API Gateway's 30 s", "30秒待たされず、早く失敗が伝わる",
            within(_PATIENCE_SECONDS), took(taken), taken < _PATIENCE_SECONDS,
        )  # fmt: skip
        scene.expect("Posting", "投稿", 200, status_of(lambda: scene.say(ann, f"during {word}y")))
        slow = timed(lambda: ann.get("/v1/timelines/home"))
        scene.expect("The home timeline", "ホームタイムライン", within(5), took(slow), slow < 5)
    scene.within(
        "Afterwards: searching", "復旧後: 検索", 60,
        lambda: status_of(lambda: ann.get("/v1/search", q=f"{word}x")), lambda status: status == "200",
    )  # fmt: skip
    scene.within(
        "What was posted meanwhile is found: the stream kept it", "停止中の投稿も見つかる(ストリームが保持)", 90,
        lambda: ann.get("/v1/search", q=f"{word}y")["items"], bool,
    )  # fmt: skip
    found = ann.get("/v1/search", q=f"{word}x")["items"]
    scene.expect("No post is found twice", "検索結果に重複がない", [before["id"]], [one["post"]["id"] for one in found])
