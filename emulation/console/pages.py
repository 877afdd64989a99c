"""The data of the console's pages, as JSON."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request

from emulation.console.access_logs import AccessLogs, NoAnswers
from emulation.console.answers import Json, refused, shown
from emulation.console.drills import AlreadyRunning, Drills, UnknownDrill, Unlisted
from emulation.console.emulator import EmulatorReader
from emulation.console.logs import LogReader
from emulation.console.mails import KEPT
from emulation.console.metrics import MetricReader
from emulation.console.pushes import PushReader
from emulation.console.queues import NoQueue, NotDeadLetters, QueueReader
from emulation.console.saved import NoSaves, Saves
from emulation.console.shared import Answer, Shared
from emulation.console.spans import is_called, passes, spans_of
from emulation.console.tables import TableReader
from emulation.console.totals import Followed, Graph
from emulation.console.traces import MOST_TRACES, Trace, TraceStore
from emulation.console.unanswered import sentence

log = logging.getLogger("emulation.console")

_WINDOW_S = 3600.0
_TRACES = 200
_HOURS = 24
_FUNCTION = "AWS::Lambda::Function"

Minutes = Annotated[int, Query(ge=1, le=24 * 60)]


def _is_waiting(prefer: Annotated[str, Header()] = "") -> bool:
    """Whether the request prefers to wait for a new answer (RFC 7240: ``Prefer: wait=10``)."""
    return prefer.strip().lower().startswith("wait")


Newest = Annotated[bool, Depends(_is_waiting)]


@dataclass(frozen=True)
class Readers:
    """The readers behind the pages. A page answers 503 with the reason when the server behind a reader does not
    respond."""

    emulator: EmulatorReader
    logs: LogReader
    queues: QueueReader
    tables: TableReader
    metrics: MetricReader
    pushes: PushReader
    shared: Shared = field(default_factory=Shared)

    def answered(self, name: Hashable, read: Callable[[], Any], newest: bool, server: str = "The emulator") -> Json:
        """What all viewers of a page share."""
        return _said(lambda: shown(self.shared.of(name, read, newest=newest)), server)

    def of_lines(self, look: Callable[[], Any], newest: bool) -> Json:
        """``look`` is called when the new lines were taken, or take too long."""

        def answer() -> Json:
            taken = self.shared.of("lines", self.logs.refresh, newest=newest)
            return shown(Answer(look(), taken.age))

        return _said(answer)


@dataclass(frozen=True)
class Programs:
    """The configured parts, because this package knows no app."""

    drills: Drills
    access: AccessLogs
    saves: Saves

    def answered(self, shared: Shared, name: str, newest: bool = False, hours: int = _HOURS) -> Answer:
        """What a program printed: the last time at once, because a program takes long to start.

        Raises:
            NoAnswers, NoSaves, Unlisted: the program failed.
        """
        reads: dict[str, Callable[[], Any]] = {
            "drills": self.drills.all, "access": lambda: self.access.answers(hours), "saves": self.saves.all,
        }  # fmt: skip
        return shared.of((name, hours), reads[name], newest=newest, oldest=inf, patience=0)

    def begin(self, shared: Shared) -> None:
        """Ask the programs for what nobody has asked yet, one after the other: somebody opened the console."""

        def ask() -> None:
            for name in ("drills", "saves", "access"):
                if not shared.has((name, _HOURS)):
                    with contextlib.suppress(NoAnswers, NoSaves, Unlisted):
                        self.answered(shared, name)

        threading.Thread(target=ask, name="programs", daemon=True).start()


def add_pages(app: FastAPI, store: TraceStore, readers: Readers, programs: Programs) -> None:
    """Add all routes below ``/api``."""
    app.include_router(_traces(store, readers), prefix="/api")
    app.include_router(_logs(readers), prefix="/api")
    app.include_router(_resources(store, readers), prefix="/api")
    app.include_router(_metrics(readers), prefix="/api")
    app.include_router(_drills(programs, readers.shared), prefix="/api")
    app.include_router(_handed_in(programs, readers.shared), prefix="/api")


def _recent(store: TraceStore, minutes: int) -> list[Trace]:
    now = time.time()
    return store.between(now - minutes * 60, now + _WINDOW_S)


def _traces(store: TraceStore, readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/traces")
    def traces(
        minutes: Minutes = 30,
        node: str | None = None,
        caller: Annotated[str | None, Query(alias="from")] = None,
        callee: Annotated[str | None, Query(alias="to")] = None,
        failed: bool = False,
        text: str = "",
    ) -> Json:
        recent = (one for one in _recent(store, minutes) if is_called(one, text))
        found = (one for one in recent if passes(one, node, caller, callee))
        summaries = (one.summary() for one in found)
        wanted = (one for one in summaries if not failed or one["HasFault"] or one["HasError"])
        return Json(list(islice(wanted, _TRACES)))

    @routes.get("/traces/{trace_id}")
    def trace(trace_id: str) -> Json:
        found = store.get(trace_id)
        if found is None:
            return _no_trace(trace_id)
        return Json({"id": found.id, "duration": found.end - found.start, "spans": spans_of(found)})

    @routes.get("/traces/{trace_id}/logs")
    def logs_of_trace(trace_id: str, newest: Newest) -> Json:
        found = store.get(trace_id)
        if found is None:
            return _no_trace(trace_id)
        functions = {str(one["name"]) for one, _ in found.entities() if one.get("origin") == _FUNCTION}
        return readers.of_lines(
            lambda: readers.logs.of_functions(sorted(functions), trace_id, found.start, found.end), newest
        )

    graph = Graph()
    followed = Followed(Trace.edges, graph)

    @routes.get("/map")
    def service_map(minutes: Minutes = 30) -> Json:
        return Json(followed.over(_recent(store, minutes), graph.services))

    return routes


def _no_trace(trace_id: str) -> Json:
    return refused(404, f"No trace {trace_id} is kept: the newest {MOST_TRACES:,} are.")


def _logs(readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/logs")
    def groups(newest: Newest) -> Json:
        return readers.answered("groups", readers.logs.groups, newest)

    @routes.get("/logs/events")
    def events(group: str, newest: Newest, minutes: Minutes = 30) -> Json:
        return readers.of_lines(lambda: readers.logs.lines(group, minutes), newest)

    @routes.get("/logs/search")
    def search(newest: Newest, text: str = "", minutes: Minutes = 30, since: int | None = None) -> Json:
        """All groups; ``since`` (epoch ms) is where a live tail goes on."""
        after = int((time.time() - minutes * 60) * 1000) if since is None else since
        return readers.of_lines(lambda: readers.logs.all_lines(after, text), newest)

    return routes


def _resources(store: TraceStore, readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/mails")
    def mails(newest: Newest, most: Annotated[int, Query(ge=1)] = KEPT) -> Json:
        def answer() -> Json:
            read = readers.shared.of("mails", readers.emulator.mails, newest=newest)
            return shown(read._replace(value=read.value[:most]))

        return _said(answer)

    @routes.get("/queues")
    def queues(newest: Newest) -> Json:
        return readers.answered("queues", readers.queues.all, newest)

    @routes.get("/queues/{name}/messages")
    def messages(name: str) -> Json:
        return _said(lambda: Json(readers.queues.peek(name)))

    @routes.post("/queues/{name}/redrive")
    def redrive(name: str) -> Json:
        answer = _said(lambda: Json({"moved": readers.queues.redrive(name)}))
        readers.shared.forget()
        return answer

    @routes.get("/tables")
    def tables(newest: Newest, minutes: Minutes = 30) -> Json:
        return readers.answered(("tables", minutes), lambda: _with_throttles(readers, store, minutes), newest)

    @routes.api_route("/tables/keys", methods=["GET", "PUT", "DELETE"])
    def keys(request: Request, newest: Newest) -> Json:
        """The most requested partition keys; ``PUT`` starts counting, ``DELETE`` stops."""
        if request.method == "GET":
            return readers.answered("keys", readers.emulator.keys, newest)
        answer = _said(lambda: Json(readers.emulator.keys(request.method)))
        readers.shared.forget()
        return answer

    @routes.get("/sockets")
    def sockets(newest: Newest) -> Json:
        return readers.answered("sockets", readers.emulator.sockets, newest, "The gateway")

    @routes.get("/streams")
    def streams(newest: Newest) -> Json:
        return readers.answered("streams", readers.tables.streams, newest, "The stream pump")

    return routes


def _with_throttles(readers: Readers, store: TraceStore, minutes: int) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(readers.metrics.throttles, minutes)
        tables, throttles = readers.tables.all(_recent(store, minutes)), asked.result()
    return [{**one, "throttles": throttles.get(one["name"], 0)} for one in tables]


def _metrics(readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/alarms")
    def alarms(newest: Newest) -> Json:
        return readers.answered("alarms", readers.metrics.alarms, newest)

    @routes.get("/dashboards")
    def dashboards(newest: Newest, minutes: Minutes = 30) -> Json:
        return readers.answered(("dashboards", minutes), lambda: readers.metrics.dashboards(minutes), newest)

    @routes.get("/pushes")
    def pushes(newest: Newest) -> Json:
        return readers.answered("pushes", readers.pushes.all, newest, "The push service or the emulator")

    return routes


def _handed_in(programs: Programs, shared: Shared) -> APIRouter:
    routes = APIRouter()

    @routes.get("/saves")
    def saves(newest: Newest) -> Json:
        try:
            return shown(programs.answered(shared, "saves", newest))
        except NoSaves as error:
            return refused(503, str(error))

    @routes.get("/access-logs")
    def answers(newest: Newest, hours: Annotated[int, Query(ge=1, le=31 * 24)] = _HOURS) -> Json:
        try:
            return shown(programs.answered(shared, "access", newest, hours))
        except NoAnswers as error:
            return refused(503, str(error))

    return routes


def _drills(programs: Programs, shared: Shared) -> APIRouter:
    routes, drills = APIRouter(), programs.drills

    @routes.get("/drills")
    def all_drills() -> Json:
        try:
            listed = programs.answered(shared, "drills")
            # A list of a while ago is as good: only an edit of the program changes it.
            return Json({"drills": listed.value, "run": drills.last()})
        except Unlisted as error:
            return refused(503, str(error))

    @routes.get("/drills/run")
    def run() -> Json:
        """The running or last drill; null before the first."""
        return Json(drills.last())

    @routes.post("/drills/{name}", status_code=202)
    def start(name: str) -> Json:
        try:
            return Json(drills.start(name), status_code=202)
        except UnknownDrill as error:
            return refused(404, str(error))
        except AlreadyRunning as error:
            return refused(409, str(error))
        except Unlisted as error:
            return refused(503, str(error))

    @routes.delete("/drills/run", status_code=202)
    def stop() -> Json:
        drills.stop()
        return Json(drills.last(), status_code=202)

    return routes


def _said(answer: Callable[[], Json], server: str = "The emulator") -> Json:
    try:
        return answer()
    except NoQueue as error:
        return refused(404, str(error))
    except NotDeadLetters as error:
        return refused(409, str(error))
    except Exception as error:
        log.warning("a page could not be read", exc_info=error)
        return refused(503, sentence(server, error))
