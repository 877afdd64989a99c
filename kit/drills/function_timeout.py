"""A function waits for its database for longer than it may run."""

from __future__ import annotations

import threading
import time
import uuid

from kit.drills.phrases import took, within
from kit.drills.scene import Scene, status_of, timed
from kit.words import Words

_FUNCTION, _TABLE = "asyncsns-post", "asyncsns-posts"
_DELAY_MS = 9_000


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    post = scene.say(ann, "before")["id"]
    errors = scene.metric("AWS/Lambda", "Errors", FunctionName=_FUNCTION)
    body, key = {"clientPostId": uuid.uuid4().hex, "text": "slow"}, uuid.uuid4().hex
    slow = {"service": "dynamodb", "operations": ["TransactWriteItems"], "resource": _TABLE, "delay_ms": _DELAY_MS}
    answers: list[str] = []
    with scene.faults(slow):
        begun = time.monotonic()
        thread = threading.Thread(
            target=lambda: answers.append(status_of(lambda: ann.post("/v1/posts", body, key=key)))
        )
        thread.start()
        meanwhile = timed(lambda: ann.get(f"/v1/posts/{post}"))
        thread.join(60)
        taken = time.monotonic() - begun
    scene.expect(
        "Others are served meanwhile",
        "その間もほかの処理は動く",
        Words("before the slow one has ended", "遅い処理が終わる前"),
        Words(f"after {meanwhile:.1f} s of {taken:.1f} s", f"{taken:.1f}秒中{meanwhile:.1f}秒後"),
        meanwhile < taken,
    )
    scene.expect("The person whose function timed out gets", "タイムアウトした利用者への応答",
                 Words("500 or 503", "500か503"), answers[0], answers[0] in ("500", "503"))  # fmt: skip
    scene.expect("Lambda ends it at its timeout, before API Gateway's 30 s", "30秒を待たず、関数のタイムアウトで終わる",
                 within(29), took(taken), taken < 29)  # fmt: skip
    scene.within(
        "The metric that shows it: Errors of the function", "確認できるメトリクス: 関数のErrors", 30,
        lambda: scene.metric("AWS/Lambda", "Errors", FunctionName=_FUNCTION) - errors, lambda more: more > 0,
    )  # fmt: skip
    again = scene.within(
        "The same request again, by its Idempotency-Key", "同じIdempotency-Keyで再送", 60,
        lambda: _again(ann, body, key), bool,
    )  # fmt: skip
    mine = [one["text"] for one in ann.get(f"/v1/users/{ann.get('/v1/me')['id']}/posts")["items"]]
    scene.expect("The post is there once", "投稿は一つだけ", 1 if again else 0, mine.count("slow"))


def _again(ann: object, body: dict[str, str], key: str) -> bool:
    return status_of(lambda: ann.post("/v1/posts", body, key=key)) == "200"  # type: ignore[attr-defined]
