"""Why a write is slow: a throttled table, a hot partition, large items, conflicts of transactions."""

from __future__ import annotations

import json
import statistics
import uuid
from typing import Any

from botocore.exceptions import ClientError

from kit.client import Api
from kit.drills.phrases import ABOVE_ZERO
from kit.drills.scene import Scene, status_of, timed
from kit.words import Words

_POSTS, _CHAT = "asyncsns-posts", "asyncsns-chat"
_WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]
_THROTTLED = "ProvisionedThroughputExceededException"
_ROUNDS = 6


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    _, bob = scene.person("bob")
    post = scene.say(ann, "the hot one")
    normal = _median_ms(scene, ann)
    _throttled_table(scene, ann, post["id"], normal)
    _hot_partition(scene, ann, bob, post["id"])
    _large_items(scene, ann)
    _conflicts(scene, ann, bob)


def _median_ms(scene: Scene, api: Api) -> int:
    taken = [timed(lambda: scene.say(api, "how long does this take?")) for _ in range(_ROUNDS)]
    return round(statistics.median(taken) * 1000)


def _throttled_table(scene: Scene, ann: Api, post: str, normal: int) -> None:
    before = _throttle_events(scene)
    fault = {"service": "dynamodb", "operations": _WRITES, "resource": _POSTS, "error": _THROTTLED}
    with scene.faults({**fault, "share": 0.5}):
        taken = [timed(lambda: scene.say(ann, "sent again")) for _ in range(_ROUNDS)]
        struck = scene.struck()
    mine = ann.get(f"/v1/users/{ann.get('/v1/me')['id']}/posts", limit=50)["items"]
    scene.expect(
        "Every second write is throttled: posts that are there",
        "書き込みの半分がスロットリング: 保存された投稿",
        _ROUNDS,
        [one["text"] for one in mine].count("sent again"),
    )
    slow = round(statistics.median(taken) * 1000)
    scene.expect(
        "The SDK retried throttled writes, which takes time",
        "SDKが再送し、その分遅くなる",
        Words("throttles above 0", "スロットリング1回以上"),
        Words(
            f"{struck} throttles; {normal} ms before, {slow} ms now (medians)",
            f"スロットリング{struck}回。中央値は{normal} msから{slow} msへ",
        ),
        struck > 0,
    )
    with scene.faults(fault):
        scene.expect(
            "All writes are throttled: posting",
            "すべてスロットリング: 投稿",
            503,
            status_of(lambda: scene.say(ann, "no")),
        )
        scene.expect("Reading goes on", "読み取りは続く", 200, status_of(lambda: ann.get(f"/v1/posts/{post}")))
    seen = _throttle_events(scene) - before
    scene.expect(
        "The metric that shows it: WriteThrottleEvents of the table",
        "確認できるメトリクス: テーブルのWriteThrottleEvents",
        ABOVE_ZERO, round(seen), seen > 0,
    )  # fmt: skip
    scene.expect("Afterwards: posting", "復旧後の投稿", 200, status_of(lambda: scene.say(ann, "yes")))


def _throttle_events(scene: Scene) -> float:
    return scene.metric("AWS/DynamoDB", "WriteThrottleEvents", TableName=_POSTS)


def _hot_partition(scene: Scene, ann: Api, bob: Api, hot: str) -> None:
    other = scene.say(ann, "a calm one")["id"]
    counts = {
        "service": "dynamodb",
        "operations": _WRITES,
        "resource": _POSTS,
        "containing": f'"POST#{hot}"',
        "error": _THROTTLED,
    }
    with scene.faults(counts):
        scene.expect(
            "A hot post (its partition takes no writes): liking it",
            "ホットな投稿(パーティションが書き込み不可): いいね",
            200, status_of(lambda: bob.put(f"/v1/posts/{hot}/like")),
        )  # fmt: skip
        bob.put(f"/v1/posts/{other}/like")
        yes = Words("yes", "はい")
        shown = bob.get(f"/v1/posts/{hot}")["viewer"]
        scene.expect(
            "Bob sees his like at once", "本人にはいいねがすぐ見える", yes, yes if shown.get("liked") else shown
        )
    # The likes of both posts may have been in one batch, which waits as a whole.
    scene.within(
        "Afterwards the count of the other post is right", "復旧後、ほかの投稿の数が合う", 60,
        lambda: ann.get(f"/v1/posts/{other}")["counts"]["likes"], lambda likes: likes == 1,
    )  # fmt: skip
    scene.within(
        "and so is that of the hot one: counted once", "ホットな投稿の数も一度だけ数えられる", 60,
        lambda: ann.get(f"/v1/posts/{hot}")["counts"]["likes"], lambda likes: likes == 1,
    )  # fmt: skip


def _large_items(scene: Scene, ann: Api) -> None:
    short, long = scene.say(ann, "a"), scene.say(ann, "京" * 500)
    units = [_write_units(scene, one["id"]) for one in (short, long)]
    scene.expect(
        "Capacity units of a short post, and of 500 Japanese characters",
        "短い投稿と日本語500文字の投稿の書き込みユニット",
        Words("more for the long one", "長い方が多い"),
        Words(f"{units[0]} and {units[1]}", f"{units[0]}と{units[1]}"), units[1] > units[0],
    )  # fmt: skip
    scene.expect(
        "A longer text is refused before it is written", "それより長い本文は書き込み前に拒否される",
        400, status_of(lambda: scene.say(ann, "京" * 501)),
    )  # fmt: skip
    key = f"DRILL#{uuid.uuid4().hex}"
    item = {"pk": {"S": key}, "sk": {"S": key}, "text": {"S": "x" * (400 * 1024)}}
    try:
        scene.aws("dynamodb").put_item(TableName=_POSTS, Item=item)
        code = "200"
    except ClientError as error:
        code = error.response["Error"]["Code"]
    scene.expect(
        "DynamoDB itself accepts at most 400 KB per item", "DynamoDBの項目は400 KBまで", "ValidationException", code
    )


def _write_units(scene: Scene, post: str) -> int:
    """The units of one standard write: the size of the item in units of 1 KB."""
    key = {"pk": {"S": f"POST#{post}"}, "sk": {"S": "POST"}}
    item = scene.aws("dynamodb").get_item(TableName=_POSTS, Key=key)["Item"]
    return -(-len(json.dumps(item, ensure_ascii=False).encode()) // 1024)


def _conflicts(scene: Scene, ann: Api, bob: Api) -> None:
    conversation = ann.post("/v1/conversations", {"memberId": bob.get("/v1/me")["id"]})["id"]
    before = scene.metric("AWS/DynamoDB", "TransactionConflict", TableName=_CHAT)
    fault = {
        "service": "dynamodb",
        "operations": ["TransactWriteItems"],
        "resource": _CHAT,
        "error": "TransactionCanceledException",
    }
    texts = [f"line {number}" for number in range(8)]
    with scene.faults({**fault, "share": 0.4}):
        answers = [status_of(lambda text=text: _send(ann, conversation, text)) for text in texts]  # type: ignore[misc]
        scene.expect(
            "Four of ten transactions conflict: messages that were refused",
            "トランザクションの4割が競合: 拒否されたメッセージ",
            0, sum(one != "200" for one in answers),
        )  # fmt: skip
    page = ann.get(f"/v1/conversations/{conversation}/messages", limit=50)["items"]
    scene.expect(
        "All are there once, in order",
        "すべて一度だけ、順番どおり",
        texts,
        [one["text"] for one in sorted(page, key=lambda one: one["seq"])],
    )
    seen = scene.metric("AWS/DynamoDB", "TransactionConflict", TableName=_CHAT) - before
    scene.expect(
        "The metric that shows it: TransactionConflict",
        "確認できるメトリクス: TransactionConflict",
        ABOVE_ZERO,
        round(seen),
        seen > 0,
    )


def _send(api: Api, conversation: str, text: str) -> Any:
    return api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": uuid.uuid4().hex, "text": text})
