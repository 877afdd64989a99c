"""Listeners of Locust: progress while it runs; at its end the thresholds, and the report as a page and as JSON.

The master checks the thresholds of all workers; workers check none.
"""

from __future__ import annotations

import json
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import gevent
from locust.env import Environment
from locust.event import Events
from locust.runners import WorkerRunner

from loadtests import report
from loadtests.record import Moment, Record, Row
from loadtests.thresholds import Verdict, judged, missed, unjudged

log = logging.getLogger("loadtests")
_EVERY_SECONDS: Final = 5.0


def listen(events: Events) -> None:
    """Add all listeners; ``ASYNCSNS_LOAD_REPORT`` names the files, without their ending."""
    moments: list[Moment] = []

    def begin(environment: Environment, **_: Any) -> None:
        if not isinstance(environment.runner, WorkerRunner):
            moments.clear()
            gevent.spawn(_follow, environment, moments)

    def end(environment: Environment, **_: Any) -> None:
        if not isinstance(environment.runner, WorkerRunner):
            _judge(environment, moments)

    events.test_start.add_listener(begin)
    events.quitting.add_listener(end)


def _follow(environment: Environment, moments: list[Moment]) -> None:
    """Note and say how it goes, until the run ends."""
    runner, begun = environment.runner, time.time()
    assert runner is not None
    while runner.state in ("spawning", "running", "ready"):
        gevent.sleep(_EVERY_SECONDS)
        total = environment.stats.total
        moment = Moment(
            seconds=round(time.time() - begun, 1),
            people=runner.user_count,
            rate=round(float(total.current_rps), 1),
            failures=round(float(total.current_fail_per_sec), 2),
            p50=float(total.get_current_response_time_percentile(0.5) or 0),
            p95=float(total.get_current_response_time_percentile(0.95) or 0),
        )
        moments.append(moment)
        log.info(
            "%4.0f s: %d people, %.0f requests/s, p50 %.0f ms, p95 %.0f ms, %.1f failures/s",
            moment.seconds, moment.people, moment.rate, moment.p50, moment.p95, moment.failures,
        )  # fmt: skip


def _judge(environment: Environment, moments: list[Moment]) -> None:
    """A missed threshold makes the run exit 1; one that could not be judged is named."""
    found = missed(environment.stats)
    for line in unjudged(environment.stats):
        log.warning("threshold not judged: %s", line)
    for line in found:
        log.error("threshold missed: %s", line)
    verdicts = [one.verdict for one in judged(environment.stats)]
    log.info("thresholds: %s", ", ".join(f"{verdicts.count(one)} {one}" for one in Verdict))
    environment.process_exit_code = 1 if found else 0
    prefix = os.environ.get("ASYNCSNS_LOAD_REPORT")
    if prefix:
        _write(Path(prefix), _record(environment, moments, found))


def _record(environment: Environment, moments: list[Moment], found: list[str]) -> Record:
    stats = environment.stats
    options: Any = environment.parsed_options
    return Record(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        scenario=os.environ.get("ASYNCSNS_LOAD_SCENARIO") or "mix",
        shape=os.environ.get("ASYNCSNS_LOAD_SHAPE") or "",
        target=os.environ.get("ASYNCSNS_LOAD_TARGET") or "this machine",
        people=int(getattr(options, "num_users", 0) or 0),
        seconds=round(max(0.0, (stats.last_request_timestamp or 0) - stats.start_time), 1),
        rate=round(float(stats.total.total_rps), 2),
        requests=int(stats.total.num_requests),
        failed=int(stats.total.num_failures),
        rows=[_row(one) for one in sorted(stats.entries.values(), key=lambda one: one.name) if one.num_requests],
        judged=judged(stats),
        missed=found,
        moments=list(moments),
    )


def _row(entry: Any) -> Row:
    p50, p95, p99 = (float(entry.get_response_time_percentile(share) or 0) for share in (0.5, 0.95, 0.99))
    return Row(entry.name, entry.num_requests, entry.num_failures, round(float(entry.total_rps), 2), p50, p95, p99)


def _write(prefix: Path, record: Record) -> None:
    against = os.environ.get("ASYNCSNS_LOAD_AGAINST")
    earlier = Record.read(Path(against)) if against else None
    prefix.parent.mkdir(parents=True, exist_ok=True)
    data, page = prefix.with_name(f"{prefix.name}.json"), prefix.with_name(f"{prefix.name}.html")
    data.write_text(json.dumps(record.to_json(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    language = "ja" if os.environ.get("ASYNCSNS_LOAD_LANG") == "ja" else "en"
    page.write_text(report.page(record, earlier, language), "utf-8")
    log.info("report: %s; to compare a later run with it: AGAINST=%s", page, data)
