"""The data of the console's pages, as JSON."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request

from emulation.console.access_logs import AccessLogs, NoAnswers
from emulation.console.answers import Json, refused
from emulation.console.drills import AlreadyRunning, Drills, UnknownDrill, Unlisted
from emulation.console.emulator import EmulatorReader
from emulation.console.logs import LogReader
from emulation.console.metrics import MetricReader
from emulation.console.pushes import PushReader
from emulation.console.queues import NoQueue, NotDeadLetters, QueueReader
from emulation.console.saved import NoSaves, Saves
from emulation.console.spans import is_called, passes, spans_of
from emulation.console.tables import TableReader
from emulation.console.traces import MOST_TRACES, Trace, TraceStore
from emulation.console.unanswered import sentence
from emulation.console.xray_api import service_graph

log = logging.getLogger("emulation.console")

_WINDOW_S = 3600.0
_TRACES = 200
_FUNCTION = "AWS::Lambda::Function"

Minutes = Annotated[int, Query(ge=1, le=24 * 60)]


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


@dataclass(frozen=True)
class Programs:
    """The configured parts, because this package knows no app."""

    drills: Drills
    access: AccessLogs
    saves: Saves


def add_pages(app: FastAPI, store: TraceStore, readers: Readers, programs: Programs) -> None:
    """Add all routes below ``/api``."""
    app.include_router(_traces(store, readers), prefix="/api")
    app.include_router(_logs(readers), prefix="/api")
    app.include_router(_resources(store, readers), prefix="/api")
    app.include_router(_metrics(readers), prefix="/api")
    app.include_router(_drills(programs.drills), prefix="/api")
    app.include_router(_handed_in(programs), prefix="/api")


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
    def logs_of_trace(trace_id: str) -> Json:
        found = store.get(trace_id)
        if found is None:
            return _no_trace(trace_id)
        functions = {str(one["name"]) for one, _ in found.entities() if one.get("origin") == _FUNCTION}
        return _answered(lambda: readers.logs.of_functions(sorted(functions), trace_id, found.start, found.end))

    @routes.get("/map")
    def service_map(minutes: Minutes = 30) -> Json:
        return Json(service_graph(_recent(store, minutes)))

    return routes


def _no_trace(trace_id: str) -> Json:
    return refused(404, f"No trace {trace_id} is kept: the newest {MOST_TRACES:,} are.")


def _logs(readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/logs")
    def groups() -> Json:
        return _answered(readers.logs.groups)

    @routes.get("/logs/events")
    def events(group: str, minutes: Minutes = 30) -> Json:
        return _answered(lambda: readers.logs.lines(group, minutes))

    @routes.get("/logs/search")
    def search(text: str = "", minutes: Minutes = 30, since: int | None = None) -> Json:
        """All groups; ``since`` (epoch ms) is where a live tail goes on."""
        after = int((time.time() - minutes * 60) * 1000) if since is None else since
        return _answered(lambda: readers.logs.all_lines(after, text))

    return routes


def _resources(store: TraceStore, readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/mails")
    def mails() -> Json:
        return _answered(readers.emulator.mails)

    @routes.get("/queues")
    def queues() -> Json:
        return _answered(readers.queues.all)

    @routes.get("/queues/{name}/messages")
    def messages(name: str) -> Json:
        return _answered(lambda: readers.queues.peek(name))

    @routes.post("/queues/{name}/redrive")
    def redrive(name: str) -> Json:
        return _answered(lambda: {"moved": readers.queues.redrive(name)})

    @routes.get("/tables")
    def tables(minutes: Minutes = 30) -> Json:
        return _answered(lambda: _with_throttles(readers, store, minutes))

    @routes.api_route("/tables/keys", methods=["GET", "PUT", "DELETE"])
    def keys(request: Request) -> Json:
        """The most requested partition keys; ``PUT`` starts counting, ``DELETE`` stops."""
        return _answered(lambda: readers.emulator.keys(request.method))

    @routes.get("/sockets")
    def sockets() -> Json:
        return _answered(readers.emulator.sockets, "The gateway")

    @routes.get("/streams")
    def streams() -> Json:
        return _answered(readers.tables.streams, "The stream pump")

    return routes


def _with_throttles(readers: Readers, store: TraceStore, minutes: int) -> list[dict[str, Any]]:
    throttles = readers.metrics.throttles(minutes)
    tables = readers.tables.all(_recent(store, minutes))
    return [{**one, "throttles": throttles.get(one["name"], 0)} for one in tables]


def _metrics(readers: Readers) -> APIRouter:
    routes = APIRouter()

    @routes.get("/alarms")
    def alarms() -> Json:
        return _answered(readers.metrics.alarms)

    @routes.get("/dashboards")
    def dashboards(minutes: Minutes = 60) -> Json:
        return _answered(lambda: readers.metrics.dashboards(minutes))

    @routes.get("/pushes")
    def pushes() -> Json:
        return _answered(readers.pushes.all, "The push service or the emulator")

    return routes


def _handed_in(programs: Programs) -> APIRouter:
    routes = APIRouter()

    @routes.get("/saves")
    def saves() -> Json:
        try:
            return Json(programs.saves.all())
        except NoSaves as error:
            return refused(503, str(error))

    @routes.get("/access-logs")
    def answers(hours: Annotated[int, Query(ge=1, le=31 * 24)] = 24) -> Json:
        try:
            return Json(programs.access.answers(hours))
        except NoAnswers as error:
            return refused(503, str(error))

    return routes


def _drills(drills: Drills) -> APIRouter:
    routes = APIRouter()

    @routes.get("/drills")
    def all_drills() -> Json:
        try:
            return Json({"drills": drills.all(), "run": drills.last()})
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


def _answered(read: Callable[[], Any], server: str = "The emulator") -> Json:
    try:
        return Json(read())
    except NoQueue as error:
        return refused(404, str(error))
    except NotDeadLetters as error:
        return refused(409, str(error))
    except Exception as error:
        log.warning("a page could not be read", exc_info=error)
        return refused(503, sentence(server, error))
