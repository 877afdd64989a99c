"""Log events of invocations: recorded by the function's thread, stored by the event loop, bounded in number.

MiniStack stores them in the thread, under a stream of their own for each invocation, without a limit, and counts every
byte of them for each DescribeLogGroups. So that call fails when a group is created meanwhile, and its cost grows. Here
all that changes groups runs on the event loop; an execution environment has one stream, as on AWS
(https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html), and a group keeps its newest events.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from emulation.emulator import seams
from emulation.emulator.log_lines import Line, LogLines

#: Subscriptions get an event after this time at most, without a request.
_PERIOD_SECONDS = 0.5
_PERIODS_PER_TRIM = 10
#: Stream of the execution environment that served the invocation of this context.
stream_of_environment: contextvars.ContextVar[str] = contextvars.ContextVar("log_stream", default="")


def stream_name() -> str:
    """A new name, as ``AWS_LAMBDA_LOG_STREAM_NAME`` has it."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}"


@dataclass(frozen=True)
class Noted:
    """The log of one invocation. ``context`` has the account and region."""

    context: contextvars.Context
    group: str
    stream: str
    lines: list[str]
    at: int


class LogEvents:
    """Between the threads of invocations, which call ``note``, and the event loop, which calls all else."""

    def __init__(
        self,
        kept: int,
        store: Callable[[Noted], None],
        groups: Callable[[], Iterator[dict[str, Any]]],
        lines: LogLines | None = None,
    ) -> None:
        """``kept``: newest events of a group that stay; a tenth more may be there for a moment."""
        self.lines = lines or LogLines(lambda: ())
        self._kept = kept
        self._store = store
        self._groups = groups
        self._pending: deque[Noted] = deque()

    def note(self, noted: Noted) -> None:
        self._pending.append(noted)

    def flush(self) -> None:
        """Store the events recorded since the last call."""
        while self._pending:
            noted = self._pending.popleft()
            noted.context.run(self._store, noted)

    async def run(self) -> None:
        """Store and trim until cancelled."""
        for number in count(1):
            await asyncio.sleep(_PERIOD_SECONDS)
            self.flush()
            if number % _PERIODS_PER_TRIM == 0:
                self.trim()

    def trim(self) -> None:
        """Drop the oldest events of groups that have more than they keep, and streams that became empty by that."""
        for group in self._groups():
            _trim(group["streams"], self._kept)


def _trim(streams: dict[str, dict[str, Any]], kept: int) -> None:
    excess = sum(len(stream["events"]) for stream in streams.values()) - kept
    if excess <= kept // 10:
        return
    for name, stream in sorted(streams.items(), key=lambda one: one[1]["lastEventTimestamp"] or 0):
        gone = min(excess, len(stream["events"]))
        if not gone:
            continue
        del stream["events"][:gone]
        excess -= gone
        if stream["events"]:
            stream["firstEventTimestamp"] = stream["events"][0]["timestamp"]
        else:
            del streams[name]
        if excess <= 0:
            return


class Sizes:
    """Bytes of the messages in a list of events; a list that has only grown is counted from where it ended."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any, int, int]] = {}
        self._asked: dict[int, tuple[Any, Any, int, int]] = {}

    def of(self, events: list[dict[str, Any]]) -> int:
        if not events:
            return 0
        known, first, counted, size = self._known.get(id(events), (None, None, 0, 0))
        if known is not events or first is not events[0] or counted > len(events):
            counted = size = 0
        size += sum(len(events[number]["message"]) for number in range(counted, len(events)))
        self._asked[id(events)] = (events, events[0], len(events), size)
        return size

    def keep_what_was_asked(self) -> None:
        """Forget lists that nobody requested since the last call."""
        self._known, self._asked = self._asked, {}


def keep_out_of_requests(kept: int) -> LogEvents:
    """Replace MiniStack's emission; every request to CloudWatch Logs sees all earlier log events."""
    functions, logs = seams.module("services.lambda_svc"), seams.module("services.cloudwatch_logs")
    emit, handle = functions._emit_lambda_logs, logs.handle_request
    lines = LogLines(lambda: _stored(logs))
    events = LogEvents(
        kept, lambda noted: _store(logs, lines, noted), lambda: iter(logs._log_groups._data.values()), lines
    )

    def note(func: dict[str, Any], request_id: str, log_text: str, error: bool, duration_ms: int, *,
             log_source: str | None = None) -> None:  # fmt: skip
        if log_source is not None:
            emit(func, request_id, log_text, error, duration_ms, log_source=log_source)
            return
        config = func.get("config") or func
        name, version = config.get("FunctionName", "unknown"), config.get("Version", "$LATEST")
        report = f"Duration: {duration_ms} ms\tBilled Duration: {duration_ms} ms"
        memory = f"Memory Size: {config.get('MemorySize', 128)} MB"
        most = f"Max Memory Used: {functions._probe_peak_memory_mb(func)} MB"
        lines = [
            f"START RequestId: {request_id} Version: {version}", *log_text.splitlines(), f"END RequestId: {request_id}",
            f"REPORT RequestId: {request_id}\t{report}\t{memory}\t{most}",
        ]  # fmt: skip
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        stream = stream_of_environment.get() or stream_name()
        now = int(time.time() * 1000)
        events.note(Noted(contextvars.copy_context(), group, stream, lines, now))

    async def handle_request(*arguments: Any) -> Any:
        events.flush()
        return await handle(*arguments)

    functions._emit_lambda_logs, logs.handle_request = note, handle_request
    _follow_put_events(logs, lines)
    _describe_by_known_sizes(logs)
    return events


def _stored(logs: Any) -> Iterator[Line]:
    for (_, _, group), known in logs._log_groups._data.items():
        for stream, one in known["streams"].items():
            for event in one["events"]:
                yield event["timestamp"], group, stream, event["message"]


def _follow_put_events(logs: Any, lines: LogLines) -> None:
    put = logs._put_log_events

    def put_and_add(data: dict[str, Any]) -> Any:
        answer = put(data)
        if answer[0] == 200:
            now = int(time.time() * 1000)
            events = [{"timestamp": now, **one} for one in data.get("logEvents", [])]
            lines.add(data["logGroupName"], data["logStreamName"], events)
        return answer

    logs._put_log_events = put_and_add


def _store(logs: Any, lines: LogLines, noted: Noted) -> None:
    group = logs._log_groups.get(noted.group)
    if group is None:
        group = logs._log_groups[noted.group] = {
            "arn": logs._make_group_arn(noted.group), "creationTime": noted.at, "retentionInDays": None, "tags": {},
            "subscriptionFilters": {}, "streams": {},
        }  # fmt: skip
    stream = group["streams"].get(noted.stream)
    if stream is None:
        stream = group["streams"][noted.stream] = {
            "events": [], "uploadSequenceToken": "1", "creationTime": noted.at, "firstEventTimestamp": None,
            "lastEventTimestamp": None, "lastIngestionTime": None,
        }  # fmt: skip
    stored = [{"timestamp": noted.at, "message": line, "ingestionTime": noted.at} for line in noted.lines]
    logs._append_log_events(stream, stored)
    lines.add(noted.group, noted.stream, stored)
    logs._fanout_to_subscription_filters(
        noted.group, noted.stream, [{"timestamp": noted.at, "message": line} for line in noted.lines]
    )


class _Counted(str):
    """Stands for all messages of a stream where only their length is asked."""

    def __new__(cls, size: int) -> _Counted:
        made = super().__new__(cls)
        made.size = size
        return made

    size: int

    def __len__(self) -> int:
        return self.size


def _describe_by_known_sizes(logs: Any) -> None:
    """DescribeLogGroups and DescribeLogStreams sum lengths of messages: give them one message of the known length."""
    sizes = Sizes()

    def counted(stream: dict[str, Any]) -> dict[str, Any]:
        return {**stream, "events": [{"message": _Counted(sizes.of(stream["events"]))}]}

    for name in ("_describe_log_groups", "_describe_log_streams"):
        describe = getattr(logs, name)

        def described(data: dict[str, Any], describe: Any = describe) -> Any:
            groups = logs._log_groups
            view = {
                group: {**groups[group], "streams": {n: counted(one) for n, one in groups[group]["streams"].items()}}
                for group in groups
            }
            logs._log_groups = view
            try:
                return describe(data)
            finally:
                logs._log_groups = groups
                sizes.keep_what_was_asked()

        setattr(logs, name, described)
