"""The machine dies under load: SIGKILL to the emulator while people write."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from kit.client import Api, Problem
from kit.client.api import wait_for
from kit.drills.phrases import after, within
from kit.drills.scene import Scene
from kit.words import Words

_WRITERS = 3


@dataclass
class Writer:
    """Posts continuously; failed posts are retried with the same key, as the UI does."""

    api: Api
    acknowledged: list[str] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0

    def write(self, done: threading.Event) -> None:
        while not done.is_set():
            client_id, key = uuid.uuid4().hex, uuid.uuid4().hex
            self.tried.append((client_id, key))
            while not self.publish(client_id, key) and not done.wait(0.3):
                self.refused += 1

    def publish(self, client_id: str, key: str) -> bool:
        try:
            made = self.api.post("/v1/posts", {"clientPostId": client_id, "text": f"written {client_id[:8]}"}, key=key)
        except (Problem, httpx.HTTPError):
            return False
        self.acknowledged.append(made["id"])
        return True


def play(scene: Scene) -> None:
    writers = [Writer(scene.person(f"w{number}")[1]) for number in range(_WRITERS)]
    with _writing(writers):
        _until_more(writers, 2 * _WRITERS)
        killed = scene.kill("emulator")
        taken = scene.wait_restarted("emulator", killed)
        scene.expect(
            "It is started again, with its state",
            "状態を保って再起動する",
            within(60),
            after(taken),
            taken < 60,
        )
        _until_more(writers, _WRITERS)
    refused = sum(one.refused for one in writers)
    scene.expect(
        "Requests that failed while it was down",
        "停止中に失敗したリクエスト",
        Words("above 0: clients were told", "1以上(クライアントに失敗が伝わる)"),
        refused,
        refused > 0,
    )
    acknowledged = [post for one in writers for post in one.acknowledged]
    lost = [post for post in acknowledged if not exists(writers[0].api, post)]
    scene.expect(
        f"Lost, of {len(acknowledged)} acknowledged posts",
        f"受け付けた{len(acknowledged)}件のうち失われたもの",
        0,
        len(lost),
    )
    # What was in flight at the kill may or may not have been written: the same key tells.
    for one in writers:
        client_id, key = one.tried[-1]
        wait_for(lambda w=one, c=client_id, k=key: w.publish(c, k), until=bool, what="a retry to be taken", seconds=120)  # type: ignore[misc]
        again = one.acknowledged[-1]
        texts = [
            post["text"] for post in one.api.get(f"/v1/users/{one.api.get('/v1/me')['id']}/posts", limit=50)["items"]
        ]
        scene.expect(
            "Sent again with its key, a post is there once",
            "同じキーで再送した投稿は一つだけ",
            1,
            texts.count(f"written {client_id[:8]}") if exists(one.api, again) else 0,
        )


@contextlib.contextmanager
def _writing(writers: list[Writer]) -> Iterator[None]:
    done = threading.Event()
    threads = [threading.Thread(target=one.write, args=(done,), daemon=True) for one in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(120)


def _until_more(writers: list[Writer], more: int) -> None:
    """Wait until that many further posts were acknowledged."""
    before = sum(len(one.acknowledged) for one in writers)
    wait_for(
        lambda: sum(len(one.acknowledged) for one in writers),
        until=lambda now: now >= before + more,
        what="writing to go on",
        seconds=120,
    )


def exists(api: Api, post: str) -> bool:
    try:
        api.get(f"/v1/posts/{post}")
    except Problem as problem:
        if problem.status == 404:
            return False
        raise
    return True
