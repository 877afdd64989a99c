"""The disk is full: the system acknowledges only changes that it could store.

The kernel refuses writes of the emulator by its limit of file sizes: the same error path as a full
disk, but
for the number of the error (EFBIG, not ENOSPC), and no other program notices.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from kit.client import Api
from kit.client.api import wait_for
from kit.drills.emulator_killed import exists
from kit.drills.scene import NotHere, Scene, status_of
from kit.system import without_room


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    before = scene.say(ann, "before")["id"]
    key, body = uuid.uuid4().hex, {"clientPostId": uuid.uuid4().hex, "text": "meanwhile"}
    with _full(scene):
        answer = status_of(lambda: ann.post("/v1/posts", body, key=key))
        scene.expect("Posting", "投稿", "5xx", answer, answer.startswith("5"))
        read = status_of(lambda: ann.get(f"/v1/posts/{before}"))
        scene.expect(
            "Reading fails too: nobody sees data that may be lost",
            "読み取りも失敗する(失われる可能性のあるデータは返さない)",
            "5xx",
            read,
            read.startswith("5"),
        )
        scene.within(
            "The health page reports it", "ヘルスチェックに表示される", 30,
            lambda: scene.health("emulator")["status"], lambda status: status == "degraded",
        )  # fmt: skip
    scene.within(
        "Afterwards the same post, sent again with its key", "復旧後、同じキーで再送", 60,
        lambda: status_of(lambda: ann.post("/v1/posts", body, key=key)), lambda status: status == "200",
    )  # fmt: skip
    after = scene.say(ann, "after")["id"]
    wait_for(
        lambda: scene.health("emulator")["status"], until=lambda status: status == "ok", what="the emulator to be well"
    )
    killed = scene.kill("emulator")
    scene.wait_restarted("emulator", killed)
    _nothing_lost(scene, ann, [before, after])


@contextlib.contextmanager
def _full(scene: Scene) -> Iterator[None]:
    try:
        with without_room(scene.pid("emulator")):
            yield
    except NotImplementedError as error:
        raise NotHere(str(error)) from error


def _nothing_lost(scene: Scene, ann: Api, acknowledged: list[str]) -> None:
    lost = [post for post in acknowledged if not exists(ann, post)]
    scene.expect(
        "After a kill: acknowledged posts that are lost", "さらに強制終了: 失われた受付済みの投稿", 0, len(lost)
    )
    posts = ann.get(f"/v1/users/{ann.get('/v1/me')['id']}/posts")["items"]
    scene.expect("The post that was refused first is there once", "最初に拒否された投稿は一つだけ", 1,
                 [one["text"] for one in posts].count("meanwhile"))  # fmt: skip
