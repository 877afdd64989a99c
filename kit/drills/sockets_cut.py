"""All sockets are cut at once: the process that holds them is killed."""

from __future__ import annotations

import uuid

from kit.client import Api, Socket
from kit.client.api import wait_for
from kit.drills.phrases import after, within
from kit.drills.scene import Scene
from kit.words import Words


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    ben_account, ben = scene.person("ben")
    conversation = ann.post("/v1/conversations", {"memberId": ben_account.user_id})["id"]
    with Socket(scene.endpoints, ben) as his:
        seen = [_say(ann, conversation, "before")]
        his.wait("chat.message", lambda data: data["message"]["clientMessageId"] == seen[0])
        newest = ben.get(f"/v1/conversations/{conversation}/messages", limit=1)
        killed = scene.kill("edge")
        wait_for(lambda: his.closed, until=bool, what="the socket to notice", seconds=30)
        closed = Words("closed", "切断")
        scene.expect("The open socket", "開いていたソケット", closed, closed if his.closed else Words("open", "接続中"))
    taken = scene.wait_restarted("edge", killed)
    scene.expect("The gateway is back", "ゲートウェイの復帰", within(30), after(taken), taken < 30)
    missed = [_say(ann, conversation, f"while Ben is away {number}") for number in range(3)]
    with Socket(scene.endpoints, ben) as his:
        page = ben.get(f"/v1/conversations/{conversation}/messages", cursor=newest.get("newer"))
        found = [one["clientMessageId"] for one in sorted(page["items"], key=lambda one: one["seq"])]
        resumed = [one for one in found if one in missed]
        all_of_them = Words("all, in order", "すべて、順番どおり")
        scene.expect(
            "A reconnected device fetches by its cursor what it missed",
            "再接続後、カーソルで未受信分を取得",
            all_of_them,
            all_of_them if resumed == missed else resumed,
        )
        live = _say(ann, conversation, "after")
        his.wait("chat.message", lambda data: data["message"]["clientMessageId"] == live)
        arrived = Words("arrived", "届いた")
        scene.expect("New messages arrive on the new socket", "新しいソケットに届く", arrived, arrived)
    everything = ben.get(f"/v1/conversations/{conversation}/messages", limit=50)["items"]
    ids = [one["clientMessageId"] for one in everything]
    scene.expect(
        "Messages in the conversation, without duplicates",
        "会話のメッセージ数、重複なし",
        "5, 5",
        f"{len(ids)}, {len(set(ids))}",
    )


def _say(api: Api, conversation: str, text: str) -> str:
    client_id = uuid.uuid4().hex
    api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": client_id, "text": text})
    return client_id
