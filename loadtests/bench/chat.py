"""Chat: latency between two people and in a group, with idle sockets open; messages per second; loss.

The settings ``ASYNCSNS_BENCH_CHAT_…`` (docs/settings.md) make it larger.
"""

from __future__ import annotations

import itertools
import os
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from kit.client import Account, Accounts, Api, Endpoints, Socket
from kit.client.fleet import Fleet
from kit.client.socket import Frame, SocketError
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

_PASSWORD = "Bench-2026-local!"  # noqa: S105 - of accounts that exist on the local target only
_SOCKETS = [int(one) for one in os.environ.get("ASYNCSNS_BENCH_CHAT_SOCKETS", "1,50").split(",")]
_GROUP = int(os.environ.get("ASYNCSNS_BENCH_CHAT_GROUP", "12"))
_ROUNDS = int(os.environ.get("ASYNCSNS_BENCH_CHAT_ROUNDS", "30"))
_SECONDS = float(os.environ.get("ASYNCSNS_BENCH_CHAT_SECONDS", "10"))
_MESSAGES = int(os.environ.get("ASYNCSNS_BENCH_CHAT_MESSAGES", "300"))
_SENDERS = 4
#: Members up to which devices say what arrived (docs/contexts/chat.md).
_WITH_RECEIPTS = 32
_PATIENCE_S = 30


def run(crowd: Crowd) -> list[Figure]:
    """All parts, one after the other."""
    found: list[Figure] = []
    group = _members(crowd)
    for count in _SOCKETS:
        aim = "< 150" if count >= 100 else ""
        with _idle(crowd.endpoints, crowd.accounts[2:], max(0, count - 2)):
            taken = _pair(crowd.endpoints, crowd.accounts[0], crowd.accounts[1])
            found += latency_figures("chat", f"1:1 send → received, {count} sockets", taken, aim)
        with _idle(crowd.endpoints, crowd.accounts[2:], max(0, count - len(group))):
            first, last = _in_group(crowd.endpoints, group)
            name = f"group of {len(group)}"
            found += latency_figures("chat", f"{name} send → received, {count} sockets", first, aim)
            found += latency_figures("chat", f"{name} send → last received, {count} sockets", last)
    return [*found, *_sustained(crowd), *_nothing_lost(crowd)]


def _message(conversation: str) -> Frame:
    return {"conversationId": conversation, "clientMessageId": uuid.uuid4().hex, "text": "こんにちは"}


def _opened(api: Api, other: Api) -> str:
    """The conversation of two who follow each other, so that nothing has to be accepted."""
    assert api.account and other.account
    other.put(f"/v1/follows/{api.account.user_id}")
    return str(api.post("/v1/conversations", {"memberId": other.account.user_id})["id"])


def _members(crowd: Crowd) -> list[Account]:
    """The crowd and as many more as the group needs; all follow the first, who makes it."""
    joined = Accounts(crowd.endpoints)

    def member(number: int) -> Account:
        account = joined.join(f"benchgroup{number}@example.com", _PASSWORD)
        with Api(crowd.endpoints, account) as api:
            api.put("/v1/me", {"handle": f"benchgroup{number}", "displayName": f"Group {number}"})
            api.put(f"/v1/follows/{crowd.accounts[0].user_id}")
        return account

    with ThreadPoolExecutor(4) as pool:
        more = list(pool.map(member, range(max(0, _GROUP - 2))))
    return [*crowd.accounts[:2], *more]


def _pair(endpoints: Endpoints, first: Account, second: Account) -> list[float]:
    with Api(endpoints, first) as one, Api(endpoints, second) as other:
        conversation = _opened(one, other)
        with Socket(endpoints, one) as sender, Socket(endpoints, other) as receiver:
            taken = [_round(sender, [receiver], conversation)[0] for _ in range(_ROUNDS)]
            _acknowledge(receiver, conversation)
            return taken


def _in_group(endpoints: Endpoints, accounts: Sequence[Account]) -> tuple[list[float], list[float]]:
    """Seconds to each member, and to the last of each round."""
    with ExitStack() as stack:
        apis = [stack.enter_context(Api(endpoints, one)) for one in accounts]
        body = {"clientGroupId": uuid.uuid4().hex, "title": "Bench", "userIds": [one.user_id for one in accounts[1:]]}
        conversation = str(apis[0].post("/v1/conversations/groups", body)["id"])
        sockets = [stack.enter_context(Socket(endpoints, api)) for api in apis]
        rounds = [_round(sockets[0], sockets[1:], conversation) for _ in range(_ROUNDS)]
        for socket in sockets[1:] if len(sockets) <= _WITH_RECEIPTS else []:
            _acknowledge(socket, conversation)
    return [one for taken in rounds for one in taken], [max(taken) for taken in rounds]


def _round(sender: Socket, receivers: Sequence[Socket], conversation: str) -> list[float]:
    data = _message(conversation)
    begun = time.time()
    sender.send("chat.send", data, seconds=_PATIENCE_S)
    return [_arrival(one, data["clientMessageId"]) - begun for one in receivers]


def _acknowledge(socket: Socket, conversation: str) -> None:
    """Send delivered marks, as every client does; without them all messages count as undelivered."""
    messages = [one["data"]["message"] for _, one in socket.events if one["type"] == "chat.message"]
    seqs = [one["seq"] for one in messages if one["conversationId"] == conversation]
    if seqs:
        socket.send("chat.delivered", {"conversationId": conversation, "seq": max(seqs)}, seconds=_PATIENCE_S)


def _arrival(socket: Socket, client_id: str) -> float:
    def mine(data: Frame) -> bool:
        return bool(data["message"]["clientMessageId"] == client_id)

    frame = socket.wait("chat.message", mine, seconds=_PATIENCE_S)
    return next(at for at, one in socket.events if one is frame)


def _sustained(crowd: Crowd) -> list[Figure]:
    """Four pairs that write as fast as acks arrive; counts messages that reached the other side."""
    accounts = crowd.accounts[: 2 * _SENDERS]
    with ExitStack() as stack:
        apis = [stack.enter_context(Api(crowd.endpoints, one)) for one in accounts]
        conversations = [_opened(apis[2 * n], apis[2 * n + 1]) for n in range(_SENDERS)]
        sockets = [stack.enter_context(Socket(crowd.endpoints, api)) for api in apis]
        begun = time.time()

        def write(number: int) -> int:
            sent, last = 0, ""
            while time.time() - begun < _SECONDS:
                data = _message(conversations[number])
                last = data["clientMessageId"]
                sockets[2 * number].send("chat.send", data, seconds=_PATIENCE_S)
                sent += 1
            _arrival(sockets[2 * number + 1], last)
            return sent

        with ThreadPoolExecutor(_SENDERS) as pool:
            total = sum(pool.map(write, range(_SENDERS)))
        taken = time.time() - begun
        for number, conversation in enumerate(conversations):
            _acknowledge(sockets[2 * number + 1], conversation)
    note = f"{_SENDERS} conversations, {total} messages, until the last had arrived"
    return [Figure("chat", "messages sustained", total / taken, "1/s", note=note)]


def _nothing_lost(crowd: Crowd) -> list[Figure]:
    """One person writes while the other's connection is cut repeatedly; compares the messages that the other shows in
    the end."""
    with Api(crowd.endpoints, crowd.accounts[0]) as one, Api(crowd.endpoints, crowd.accounts[1]) as other:
        conversation = _opened(one, other)
        path = f"/v1/conversations/{conversation}/messages"
        reader = _Reader(crowd.endpoints, other, path, conversation)
        with Socket(crowd.endpoints, one) as writer:
            sent = []
            for number in range(_MESSAGES):
                sent.append(_send_surely(writer, _message(conversation), one))
                if number % 20 == 19 and random.random() < 0.5:
                    reader.cut()
        reader.finish(sent[-1]["seq"])
    wanted, got = [one["seq"] for one in sent], [one for one in reader.shown if one >= sent[0]["seq"]]
    note = f"{_MESSAGES} messages, {reader.cuts} forced reconnects, {reader.repeated} repeated frames recognised"
    return [
        Figure("chat", "lost", len(set(wanted) - set(got)), "messages", "0", note),
        Figure("chat", "reordered", sum(b < a for a, b in itertools.pairwise(got)), "messages", "0", note),
        Figure("chat", "doubled", len(got) - len(set(got)), "messages", "0", note),
    ]


def _send_surely(writer: Socket, data: Frame, api: Api) -> Frame:
    """Send by socket, and without an ack by HTTP with the same client id, which gives one message in any case."""
    try:
        return dict(writer.send("chat.send", data, seconds=_PATIENCE_S)["message"])
    except (TimeoutError, SocketError):
        body = {"clientMessageId": data["clientMessageId"], "text": data["text"]}
        return dict(api.post(f"/v1/conversations/{data['conversationId']}/messages", body))


class _Reader:
    """A device that loses its connection and resumes by cursor, as the browser does."""

    def __init__(self, endpoints: Endpoints, api: Api, path: str, conversation: str) -> None:
        self._endpoints, self._api, self._path, self._conversation = endpoints, api, path, conversation
        page = api.get(path, limit=1)
        self.shown: list[int] = [one["seq"] for one in page["items"]]
        self._cursor, self.cuts, self.repeated = page["newer"], 0, 0
        self._socket = Socket(endpoints, api)
        self._resume()

    def cut(self) -> None:
        """Show received messages, drop the connection, and resume on a new one."""
        self._take()
        _acknowledge(self._socket, self._conversation)
        self._socket.close()
        self.cuts += 1
        self._socket = Socket(self._endpoints, self._api)
        self._resume()

    def finish(self, seq: int) -> None:
        """Read until the last message has arrived."""
        try:
            self._socket.wait("chat.message", lambda data: self._is_mine(data) and data["message"]["seq"] == seq)
        except TimeoutError:
            self.cut()
        self._take()
        _acknowledge(self._socket, self._conversation)
        self._socket.close()

    def _is_mine(self, data: Frame) -> bool:
        return bool(data["message"]["conversationId"] == self._conversation)

    def _take(self) -> None:
        known: set[str] = set()
        for _, frame in list(self._socket.events):
            if frame["type"] != "chat.message" or not self._is_mine(frame["data"]):
                continue
            if frame["eventId"] in known:
                self.repeated += 1
                continue
            known.add(frame["eventId"])
            seq = frame["data"]["message"]["seq"]
            last = self.shown[-1] if self.shown else 0
            if seq == last + 1:
                self.shown.append(seq)
            elif seq > last + 1:
                self._resume()
            else:
                self.repeated += 1

    def _resume(self) -> None:
        while True:
            page = self._api.get(self._path, cursor=self._cursor, limit=50)
            last = self.shown[-1] if self.shown else 0
            self.shown += [one["seq"] for one in reversed(page["items"]) if one["seq"] > last]
            self._cursor = page["newer"] or self._cursor
            if not page["items"]:
                return


@contextmanager
def _idle(endpoints: Endpoints, accounts: Sequence[Account], count: int) -> Iterator[None]:
    """So many more open connections, which only listen; spread over these people."""
    with Fleet(endpoints) as fleet:
        fleet.open([accounts[number % len(accounts)] for number in range(count)])
        yield
