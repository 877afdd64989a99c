"""SQS in the journal: queues, and what happens to their messages.

MiniStack keeps the messages of a queue in a list that it replaces at each deletion, partly without a lock, so a
concurrent message could be lost. Here a queue's list is one permanent object, every change holds one lock, and each
change is a row of the journal. SNS, S3, EventBridge and dead-letter queues append to the same list, so they need
nothing of their own.
"""

from __future__ import annotations

import copy
import functools
import threading
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from emulation.emulator import seams
from emulation.emulator.journal import Journal

#: Seconds for which a FIFO queue knows a deduplication id: "the deduplication interval is 5 minutes".
_DEDUPLICATION_SECONDS = 300
#: Set in a message while functions have it: they end with the emulator.
_TAKEN = "asyncsns_taken_by_functions"
_taken_by_functions: ContextVar[bool] = ContextVar("taken_by_functions", default=False)
#: Operations that change a queue besides its messages.
_SETTINGS = ("SetQueueAttributes", "AddPermission", "RemovePermission", "TagQueue", "UntagQueue")
_CHANGES = ("_dlq_sweep", "_expire_retained", "_act_delete_message", "_act_delete_message_batch", "_act_purge_queue")

Message = dict[str, Any]
Note = Callable[[list[Any]], None]


class Messages(list[Message]):
    """The messages of a queue; appending takes the lock and writes the journal by itself."""

    def __init__(self, messages: Iterable[Message], arn: str, lock: Any, note: Note) -> None:
        super().__init__(messages)
        self._arn, self._lock, self._note = arn, lock, note

    def append(self, message: Message) -> None:
        with self._lock:
            message.pop(_TAKEN, None)
            super().append(message)
            self._note(["message", self._arn, message])

    def remove(self, message: Message) -> None:
        with self._lock:
            super().remove(message)
            self._note(["message-gone", self._arn, [message["id"]]])

    def clear(self) -> None:
        self.become(())

    def become(self, kept: Iterable[Message]) -> None:
        """Keep these of the messages, in place."""
        with self._lock:
            kept = list(kept)
            if len(kept) == len(self):
                return
            stays = {message["id"] for message in kept}
            gone = [message["id"] for message in self if message["id"] not in stays]
            self[:] = kept
            if gone:
                self._note(["message-gone", self._arn, gone])

    def __deepcopy__(self, memo: Any) -> list[Message]:
        with self._lock:
            return [dict(message) for message in self]


class Queue(dict[str, Any]):
    """A queue whose ``messages`` stay one list."""

    def __setitem__(self, key: str, value: Any) -> None:
        if key == "messages" and isinstance(self.get("messages"), Messages):
            self["messages"].become(value)
        else:
            super().__setitem__(key, value)

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        copied = {key: value for key, value in self.items() if key != "messages"}
        return {**copy.deepcopy(copied), "messages": self["messages"].__deepcopy__(memo)}


class Store(dict[tuple[str, str, str], Any]):
    """All queues by account, region and URL."""

    def __init__(self, queues: dict[Any, Any], lock: Any, note: Note) -> None:
        super().__init__()
        self._lock, self._note = lock, note
        for scope, queue in queues.items():
            super().__setitem__(scope, self._of(queue))

    def _of(self, queue: dict[str, Any]) -> Queue:
        arn = queue["attributes"]["QueueArn"]
        return Queue({**queue, "messages": Messages(queue["messages"], arn, self._lock, self._note)})

    def __setitem__(self, scope: tuple[str, str, str], queue: dict[str, Any]) -> None:
        with self._lock:
            super().__setitem__(scope, queue if isinstance(queue, Queue) else self._of(queue))
            self.settings_changed(scope)
            for message in queue["messages"]:
                self._note(["message", queue["attributes"]["QueueArn"], message])

    def pop(self, scope: tuple[str, str, str], *default: Any) -> Any:
        with self._lock:
            queue = super().pop(scope, *default)
            self._note(["queue-gone", *scope])
            return queue

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        return {scope: queue.__deepcopy__(memo) for scope, queue in list(self.items())}

    def settings_changed(self, scope: tuple[str, str, str]) -> None:
        self._note(["queue", *scope, {key: value for key, value in self[scope].items() if key != "messages"}])


def record(journal: Journal) -> None:
    """From now on every change of a queue is in ``journal``."""
    sqs = seams.module("services.sqs")
    lock = sqs._queues_lock = threading.RLock()
    store = sqs._queues._data = Store(sqs._queues._data, lock, journal.add)
    for name in (*_CHANGES, "_prune_dedup"):
        setattr(sqs, name, _locked(lock, getattr(sqs, name)))
    for action in ("DeleteMessage", "DeleteMessageBatch", "PurgeQueue", "SendMessage", "SendMessageBatch"):
        sqs._HANDLERS[action] = _locked(lock, sqs._HANDLERS[action])
    sqs._act_send_message = _locked(lock, sqs._act_send_message)
    for action in _SETTINGS:
        sqs._HANDLERS[action] = _noting_settings(sqs, store, lock, sqs._HANDLERS[action])
    _note_receipts(sqs, lock, journal.add)
    _note_visibility(sqs, lock, journal.add)


def move_moments(seconds: float) -> None:
    """Adjust for a jump of the wall clock: invisible messages stay invisible as long as before, and no message ages."""
    sqs = seams.module("services.sqs")
    now = time.time() - seconds
    with sqs._queues_lock:
        for queue in sqs._queues._data.values():
            for message in queue["messages"]:
                message["enqueued_at"] = message.get("enqueued_at", message["sent_at"]) + seconds
                if message["visible_at"] > now:
                    message["visible_at"] += seconds
            for known in queue.get("dedup_cache", {}).values():
                known["expire"] += seconds


def _locked(lock: Any, act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def act_alone(*arguments: Any) -> Any:
        with lock:
            return act(*arguments)

    return act_alone


def _noting_settings(sqs: Any, store: Store, lock: Any, act: Callable[..., Any]) -> Callable[..., Any]:
    def act_and_note(data: dict[str, Any], url: str) -> Any:
        with lock:
            answer = act(data, url)
            queue = sqs._get_q(data.get("QueueUrl", url))
            scope = next(scope for scope, found in store.items() if found is queue)
            store.settings_changed(scope)
            return answer

    return act_and_note


def _note_receipts(sqs: Any, lock: Any, note: Note) -> None:
    collect, receive_for_functions = sqs._collect_msgs, sqs._receive_messages_for_esm

    def collect_and_note(queue: Queue, most: int, seconds: int) -> list[Message]:
        with lock:
            found: list[Message] = collect(queue, most, seconds)
            for message in found:
                if _taken_by_functions.get():
                    message[_TAKEN] = True
                else:
                    message.pop(_TAKEN, None)
            if found:
                note(["message-seen", queue["attributes"]["QueueArn"], [_seen(message) for message in found]])
            return found

    def receive_and_mark(queue_url: str, most: int) -> list[Message]:
        token = _taken_by_functions.set(True)
        try:
            return list(receive_for_functions(queue_url, most))
        finally:
            _taken_by_functions.reset(token)

    sqs._collect_msgs, sqs._receive_messages_for_esm = collect_and_note, receive_and_mark


def _note_visibility(sqs: Any, lock: Any, note: Note) -> None:
    for action in ("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"):
        sqs._HANDLERS[action] = _noting_visibility(sqs, lock, note, sqs._HANDLERS[action])


def _noting_visibility(sqs: Any, lock: Any, note: Note, act: Callable[..., Any]) -> Callable[..., Any]:
    def act_and_note(data: dict[str, Any], url: str) -> Any:
        with lock:
            answer = act(data, url)
            queue = sqs._get_q(data.get("QueueUrl", url))
            handles = {entry.get("ReceiptHandle") for entry in data.get("Entries", [data])}
            changed = [message for message in queue["messages"] if message["receipt_handle"] in handles]
            note(["message-seen", queue["attributes"]["QueueArn"], [_seen(message) for message in changed]])
            return answer

    return act_and_note


def _seen(message: Message) -> list[Any]:
    return [
        message["id"], message["receipt_handle"], message["visible_at"], message["receive_count"],
        message["first_receive_at"], _TAKEN in message,
    ]  # fmt: skip


class QueueReplay:
    """Does the rows again, onto the queues of a snapshot. Rows that the snapshot has already change nothing."""

    KINDS = frozenset({"queue", "queue-gone", "message", "message-gone", "message-seen"})

    def __init__(self) -> None:
        self._sqs = seams.module("services.sqs")
        self._queues: dict[str, dict[str, Any]] = {
            queue["attributes"]["QueueArn"]: queue for queue in self._sqs._queues._data.values()
        }
        #: Messages by id, of the queues that have rows.
        self._messages: dict[str, dict[str, Message]] = {}

    def again(self, entry: list[Any]) -> None:
        kind, rest = entry[0], entry[1:]
        if kind == "queue":
            self._set_up(*rest)
        elif kind == "queue-gone":
            self._drop(*rest)
        elif rest[0] in self._queues:
            self._change(kind, rest[0], rest[1])

    def _set_up(self, account: str, region: str, url: str, settings: dict[str, Any]) -> None:
        queue = self._sqs._queues._data.setdefault((account, region, url), {"messages": []})
        queue.update(settings)
        self._sqs._queue_name_to_url.set_scoped(account, region, settings["name"], url)
        self._queues[settings["attributes"]["QueueArn"]] = queue

    def _drop(self, account: str, region: str, url: str) -> None:
        queue = self._sqs._queues._data.pop((account, region, url), None)
        if queue is not None:
            self._sqs._queue_name_to_url.pop_scoped(account, region, queue["name"], None)
            arn = queue["attributes"]["QueueArn"]
            self._queues.pop(arn, None)
            self._messages.pop(arn, None)

    def _change(self, kind: str, arn: str, what: Any) -> None:
        if arn not in self._messages:
            self._messages[arn] = {message["id"]: message for message in self._queues[arn]["messages"]}
        messages = self._messages[arn]
        if kind == "message":
            messages[what["id"]] = what
            _remember_deduplication(self._queues[arn], what)
        elif kind == "message-gone":
            for identity in what:
                messages.pop(identity, None)
        else:
            for identity, handle, visible_at, count, first, taken in what:
                if (message := messages.get(identity)) is not None:
                    message.update(
                        receipt_handle=handle, visible_at=visible_at, receive_count=count, first_receive_at=first
                    )
                    message.pop(_TAKEN, None)
                    message.update({_TAKEN: True} if taken else {})

    def finish(self) -> None:
        for arn, messages in self._messages.items():
            self._queues[arn]["messages"] = list(messages.values())
        for queue in self._queues.values():
            _give_back(queue, time.time())


def _remember_deduplication(queue: dict[str, Any], message: Message) -> None:
    """Restore ``dedup_cache`` and the sequence number of a FIFO queue from its journal rows."""
    if not queue["is_fifo"]:
        return
    queue["fifo_seq"] = max(queue.get("fifo_seq", 0), int(message.get("seq") or 0))
    if message.get("dedup_cache_key"):
        queue["dedup_cache"][message["dedup_cache_key"]] = {
            "expire": message["sent_at"] + _DEDUPLICATION_SECONDS, "id": message["id"], "md5": message["md5_body"],
            "md5a": message.get("md5_attrs"), "seq": message.get("seq"),
        }  # fmt: skip


def _give_back(queue: dict[str, Any], now: float) -> None:
    """Make messages visible that functions had received: the functions ended with the emulator.

    No message stays invisible for longer than its queue allows, whatever the clock showed before.
    """
    attributes = queue["attributes"]
    longest = max(int(attributes.get("VisibilityTimeout", 30)), int(attributes.get("DelaySeconds", 0)), 900)
    for message in queue["messages"]:
        if message.pop(_TAKEN, False) and message["visible_at"] > now:
            message["visible_at"] = now
            message["receive_count"] = max(0, message["receive_count"] - 1)
        message["visible_at"] = min(message["visible_at"], now + longest)
