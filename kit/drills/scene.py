"""The context of a drill: people, the operator's clients, faults that end by themselves, and the result lines."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from emulation.guard import HELPER_HEADERS
from kit.cast import Cast
from kit.client import Account, Api, Endpoints, Problem
from kit.client.api import PATIENCE_SECONDS, wait_for
from kit.drills import phrases
from kit.drills.drill import Line
from kit.settings import Settings
from kit.supervisor import records
from kit.system import session_members
from kit.words import Words

T = TypeVar("T")
#: A drill that is killed leaves its faults for so long at most.
FAULT_SECONDS = 180


class NotHere(Exception):
    """The drill cannot be played on this target or machine; the message says why."""


@dataclass
class Scene(Cast):
    """Made for one run of one drill; ``heard`` is called with each line at once."""

    endpoints: Endpoints
    heard: Callable[[Line], None] = lambda line: None
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    settings: Settings = field(default_factory=Settings.load)
    lines: list[Line] = field(default_factory=list)
    _opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    # --- Saying what was seen -----------------------------------------------------------------------------------------

    def expect(self, en: str, ja: str, expected: object, observed: object, holds: bool | None = None) -> None:
        """A line; without ``holds`` both values have to be equal. Those that are no ``Words`` are not translated."""
        wanted, seen = _words(expected), _words(observed)
        line = Line(Words(en, ja), wanted, seen, wanted == seen if holds is None else bool(holds))
        self.lines.append(line)
        self.heard(line)

    def within(self, en: str, ja: str, seconds: float, read: Callable[[], T], until: Callable[[T], object]) -> T | None:
        """A line with the seconds until something happened; None when it did not."""
        begun = time.monotonic()
        try:
            found = wait_for(read, until=until, what=en, seconds=seconds)
        except TimeoutError as error:
            self.expect(en, ja, phrases.within(seconds), str(error)[:160], holds=False)
            return None
        self.expect(en, ja, phrases.within(seconds), phrases.after(time.monotonic() - begun), holds=True)
        return found

    # --- People -------------------------------------------------------------------------------------------------------

    def person(self, name: str, groups: tuple[str, ...] = ()) -> tuple[Account, Api]:
        """Someone new, signed in; their connection is closed at the end."""
        account = self.join(name, groups)
        return account, self._opened.enter_context(self.api(account))

    def say(self, api: Api, text: str, **more: Any) -> dict[str, Any]:
        """A new post."""
        made: dict[str, Any] = api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
        return made

    def fetch(self, path: str, **headers: str) -> httpx.Response:
        """A file or page through CloudFront, without a token."""
        url = httpx.URL(self.endpoints.base_url).join(path)
        return httpx.get(url, headers=headers, timeout=PATIENCE_SECONDS)

    # --- Breaking things, from outside --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def faults(self, *wanted: dict[str, Any]) -> Iterator[None]:
        """AWS APIs fail as described in ``emulation/emulator/faults.py`` while the block lasts."""
        self._faults("PUT", json={"faults": list(wanted), "seconds": FAULT_SECONDS})
        try:
            yield
        finally:
            self._faults("DELETE")

    def _faults(self, method: str, **more: Any) -> dict[str, Any]:
        url = f"{self._local('emulator')}/_asyncsns/faults"
        answer = httpx.request(method, url, headers=HELPER_HEADERS, timeout=PATIENCE_SECONDS, **more)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def struck(self) -> int:
        """How many requests the faults in force have affected."""
        return sum(one["struck"] for one in self._faults("GET")["faults"])

    @contextlib.contextmanager
    def gateway_down(self) -> Iterator[None]:
        """API Gateway answers 503 to everybody while the block lasts."""
        self._gateway("down")
        try:
            yield
        finally:
            self._gateway("up")

    def _gateway(self, state: str) -> None:
        body = {"gateway": state} | ({"seconds": FAULT_SECONDS} if state == "down" else {})
        answer = httpx.post(
            f"{self._local('gateway')}/_fault", json=body, headers=HELPER_HEADERS, timeout=PATIENCE_SECONDS
        )
        answer.raise_for_status()

    @contextlib.contextmanager
    def frozen(self, process: str) -> Iterator[None]:
        """Stop a local server and its children (SIGSTOP): they accept connections and answer nothing."""
        leader = self.pid(process)
        members = session_members(leader) or [leader]
        for pid in members:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def kill(self, process: str) -> int:
        """SIGKILL to a local server, which the supervisor starts again; returns the pid that was killed."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid(self, process: str) -> int:
        """The process id of a local server."""
        self._local(process)
        record = records.read_alive(self.settings.run, process)
        if record is None:
            raise NotHere(f"{process} does not run here as a process of the supervisor")
        return record.pid

    def wait_restarted(self, process: str, killed: int, seconds: float = PATIENCE_SECONDS) -> float:
        """Seconds until a new process has replaced it and answers."""
        begun = time.monotonic()
        url = f"{self.settings.url(process)}/_health"

        def is_back() -> bool:
            record = records.read_alive(self.settings.run, process)
            if record is None or record.pid == killed:
                return False
            try:
                return bool(httpx.get(url, timeout=2).json()["status"] == "ok")
            except (httpx.HTTPError, ValueError):
                return False

        wait_for(is_back, until=bool, what=f"{process} to be started again", seconds=seconds)
        return time.monotonic() - begun

    def environments(self, function: str) -> list[int]:
        """Process ids of the execution environments in which ``function`` works right now."""
        url = f"{self._local('emulator')}/_asyncsns/environments"
        found = httpx.get(url, headers=HELPER_HEADERS, timeout=PATIENCE_SECONDS).json()["environments"]
        return [one["pid"] for one in found if one["function"] == function and one["running"]]

    def _local(self, server: str) -> str:
        """Address of a local server.

        Raises:
            NotHere: the network is on AWS.
        """
        if not self.endpoints.emulator_url:
            raise NotHere("drills break things on purpose, which is done on emulators only")
        return self.settings.url(server)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def metric(self, namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float:
        """The metric's value over the last five minutes."""
        now = datetime.now(UTC)
        answer = self.aws("cloudwatch").get_metric_statistics(
            Namespace=namespace, MetricName=name, Statistics=[statistic], Period=300,
            StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=1),
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        )  # fmt: skip
        return float(sum(point[statistic] for point in answer["Datapoints"]))

    def alarm(self, name: str) -> str:
        """``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""
        (found,) = self.aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(found["StateValue"])

    def health(self, server: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self._local(server)}/_health", timeout=PATIENCE_SECONDS).json()
        return found

    def log_file(self, name: str) -> Path:
        return self.settings.logs / name

    def close(self) -> None:
        self._opened.close()


def _words(value: object) -> Words:
    return value if isinstance(value, Words) else Words(str(value), str(value))


def status_of(call: Callable[[], Any]) -> str:
    """``200`` when the call went through, else the status with which the API refused."""
    try:
        call()
    except Problem as problem:
        return str(problem.status)
    return "200"


def timed(call: Callable[[], Any]) -> float:
    """Seconds that the call took; refusals count."""
    begun = time.monotonic()
    with contextlib.suppress(Problem):
        call()
    return time.monotonic() - begun
