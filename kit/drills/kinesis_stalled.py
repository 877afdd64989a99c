"""A shard of the stream of frames gives no records."""

from __future__ import annotations

import uuid

from kit.client import Socket
from kit.client.api import wait_for
from kit.drills.scene import Scene
from kit.words import Words

_MESSAGES = 6


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    ben_account, ben = scene.person("ben")
    conversation = ann.post("/v1/conversations", {"memberId": ben_account.user_id})["id"]
    with Socket(scene.endpoints, ann) as hers, Socket(scene.endpoints, ben) as his:
        first = _send(hers, conversation, "before")
        seen = his.wait("chat.message", lambda data: data["message"]["clientMessageId"] == first)["data"]["message"]
        his.send("chat.delivered", {"conversationId": conversation, "seq": seen["seq"]})
        fault = {"service": "kinesis", "operations": ["GetRecords"], "error": "ProvisionedThroughputExceededException"}
        with scene.faults(fault):
            # An idle stream is not read. Not one of those below: a read that began before the fault may still give it.
            _send(hers, conversation, "the reader meets the fault")
            wait_for(
                scene.struck, until=lambda count: count > 0, what="the stream's reader to meet the fault", seconds=30
            )
            sent = [_send(hers, conversation, f"line {number}") for number in range(_MESSAGES)]
            scene.expect("Messages that were acknowledged", "受け付けられたメッセージ", _MESSAGES, len(sent))
            page = ben.get(f"/v1/conversations/{conversation}/messages", limit=50)["items"]
            there = sum(one["clientMessageId"] in sent for one in page)
            scene.expect("Of these in the conversation when it is opened", "会話を開けば見えるもの", _MESSAGES, there)
            scene.within(
                "The reader is behind (IteratorAge on AWS)",
                "読み取りの遅れ(AWSではIteratorAge)",
                30,
                lambda: _lag(scene),
                bool,
            )
            # With the one that the reader met.
            scene.within(
                "A notification of them arrives by another path",
                "別の経路で通知が届く",
                45,
                lambda: [one["count"] for one in ben.get("/v1/notifications")["items"] if one["type"] == "message"],
                lambda counts: counts == [_MESSAGES + 1],
            )
            scene.expect("On the open socket", "開いているソケットに届いたもの", 0, len(_arrived(his, sent)))
        scene.within(
            "Afterwards all arrive on the socket", "復旧後、すべてソケットに届く", 60,
            lambda: set(_arrived(his, sent)), lambda seen: seen == set(sent),
        )  # fmt: skip
        as_sent = Words("as sent", "送信順のまま")
        scene.expect(
            "In order, without duplicates",
            "順番どおり、重複なし",
            as_sent,
            as_sent if _arrived(his, sent) == sent else _arrived(his, sent),
        )


def _send(socket: Socket, conversation: str, text: str) -> str:
    client_id = uuid.uuid4().hex
    socket.send("chat.send", {"conversationId": conversation, "clientMessageId": client_id, "text": text})
    return client_id


def _arrived(socket: Socket, sent: list[str]) -> list[str]:
    """Client ids of messages in the order of arrival; repeated frames are known by their ``eventId``, as in the UI."""
    found: list[str] = []
    known: set[str] = set()
    for _, frame in list(socket.events):
        if frame["type"] == "chat.message" and frame["data"]["message"]["clientMessageId"] in sent:
            identity = str(frame.get("eventId", frame["data"]["message"]["clientMessageId"]))
            if identity not in known:
                known.add(identity)
                found.append(frame["data"]["message"]["clientMessageId"])
    return found


def _lag(scene: Scene) -> int:
    """Milliseconds by which the slowest reader of a Kinesis stream is behind, or failures of reading."""
    mappings = scene.health("pump")["mappings"]
    shards = [shard for one in mappings if ":kinesis:" in str(one) for shard in one.get("shards", [])]
    return max((int(shard.get("lagMilliseconds", 0)) for shard in shards), default=0) or scene.struck()
