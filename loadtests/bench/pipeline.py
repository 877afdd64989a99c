"""From a write to its effects: the projection by the stream, the search index, the socket."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from kit.client import Api, Socket
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

_ROUNDS = 40
_PATIENCE_S = 20.0


def run(crowd: Crowd) -> list[Figure]:
    """Forty rounds each, one after the other."""
    first, second = crowd.accounts[0], crowd.accounts[1]
    with Api(crowd.endpoints, first) as author, Api(crowd.endpoints, second) as other:
        return [
            *latency_figures("pipeline", "post → searchable", _searchable(author), "≤ 1,000"),
            *latency_figures(
                "pipeline", "like → counted (stream → Lambda → DynamoDB)", _counted(author, other), "≤ 500"
            ),
            *latency_figures("pipeline", "chat message → other device", _chat(crowd, author, other), "< 150"),
            *latency_figures("pipeline", "like → notification on the socket", _notified(crowd, author, other)),
        ]


def _publish(author: Api, text: str) -> str:
    return str(author.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text})["id"])


def _until(holds: Callable[[], bool], what: str) -> float:
    """Seconds until ``holds``, polled every 10 ms."""
    begun = time.perf_counter()
    while not holds():
        if time.perf_counter() - begun > _PATIENCE_S:
            raise TimeoutError(f"{what}: not within {_PATIENCE_S:.0f} s")
        time.sleep(0.01)
    return time.perf_counter() - begun


def _searchable(author: Api) -> list[float]:
    taken = []
    for _ in range(_ROUNDS):
        word = f"bench{uuid.uuid4().hex[:12]}"
        _publish(author, f"{word} 朝の散歩")

        def found(word: str = word) -> bool:
            return bool(author.get("/v1/search", q=word)["items"])

        taken.append(_until(found, "post → searchable"))
    return taken


def _counted(author: Api, other: Api) -> list[float]:
    taken = []
    # All posts first: the record of a like would wait behind that of its post, and the figure would be of both.
    for post in [_publish(author, "a post to like") for _ in range(_ROUNDS)]:
        other.put(f"/v1/posts/{post}/like")

        def counted(post: str = post) -> bool:
            return bool(author.get(f"/v1/posts/{post}")["counts"]["likes"] == 1)

        taken.append(_until(counted, "like → counted"))
    return taken


def _chat(crowd: Crowd, author: Api, other: Api) -> list[float]:
    member = other.account
    assert member is not None
    conversation = author.post("/v1/conversations", {"memberId": member.user_id})["id"]
    other.put(f"/v1/conversations/{conversation}/request", {"accept": True})
    taken = []
    with Socket(crowd.endpoints, author) as sender, Socket(crowd.endpoints, other) as receiver:
        for _ in range(_ROUNDS):
            client_id = uuid.uuid4().hex
            said = {"conversationId": conversation, "clientMessageId": client_id, "text": "こんにちは"}
            begun = time.time()
            sender.send("chat.send", said)

            def mine(data: dict[str, dict[str, str]], client_id: str = client_id) -> bool:
                return data["message"]["clientMessageId"] == client_id

            frame = receiver.wait("chat.message", mine)
            taken.append(next(at for at, one in receiver.events if one is frame) - begun)
        # As every client does, in time: else all of it counts as not arrived.
        receiver.send("chat.delivered", {"conversationId": conversation, "seq": frame["data"]["message"]["seq"]})
    return taken


def _notified(crowd: Crowd, author: Api, other: Api) -> list[float]:
    taken = []
    with Socket(crowd.endpoints, author) as socket:
        for _ in range(_ROUNDS):
            post = _publish(author, "a post to be told about")
            begun = time.time()
            other.put(f"/v1/posts/{post}/like")

            def about_it(data: dict[str, dict[str, str]], post: str = post) -> bool:
                return data["notification"].get("postId") == post

            frame = socket.wait("notification.created", about_it)
            taken.append(next(at for at, one in socket.events if one is frame) - begun)
    return taken
