"""One run: up, the end-to-end suite, Locust, the pipeline's lag, memory, down."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from kit import inspect, system
from kit.settings import Settings, checkout_root
from loadtests.parity.places import Place
from loadtests.parity.record import Measured

ROOT = checkout_root()
#: Names of figures, with units: the columns of the page.
UP, RATE, P50, P95, LAG, MEMORY = "up s", "requests/s", "p50 ms", "p95 ms", "stream → Lambda p50 ms", "memory MB"
_USERS, _SECONDS = "10", "30"
#: The suite ends then; what it had no time for is missing from its report.
_SUITE_SECONDS = "1500"
_LAG_NAME = "like → counted (stream → Lambda → DynamoDB) p50"


class Stopped(RuntimeError):
    """A command failed; the message is its end."""


def measure(place: Place) -> Measured:
    """Never raises for failures of the target: they are part of the result. After a failed `make up` nothing more is
    measured; any other part that fails leaves the others their results."""
    features: dict[str, list[int]] = {}
    figures: dict[str, float] = {}
    failures: list[str] = []
    environment = os.environ | dict(place.variables) | {"SEED": place.seed}

    def started() -> None:
        begun = time.perf_counter()
        _make(environment, "up")
        figures[UP] = time.perf_counter() - begun

    with tempfile.TemporaryDirectory() as folder:

        def suite() -> None:
            report = _suite(environment, place, Path(folder))
            features.update(by_module(report))
            failures.extend(failed(report))

        parts: tuple[Callable[[], object], ...] = (
            suite,
            lambda: figures.update(_locust(environment, Path(folder))),
            lambda: figures.update({LAG: _lag(environment)}),
            lambda: figures.update({MEMORY: _memory(place)}),
        )
        try:
            stopped = reasons([started]) or reasons(parts)
        finally:
            subprocess.run(["make", "down"], cwd=ROOT, env=environment, capture_output=True, check=False)
    now = datetime.now(UTC)
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
    return Measured(
        f"{now:%Y-%m-%d}", _commit(), f"{system.name()}, {load}", features, _rounded(figures), stopped, failures
    )


def reasons(parts: Iterable[Callable[[], object]]) -> str:
    """Why parts stopped; empty when all ended."""
    found = []
    for part in parts:
        try:
            part()
        except Stopped as error:
            found.append(str(error))
    return "; ".join(found)


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}


def _make(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if done.returncode:
        log = ROOT / ".asyncsns" / "logs" / "parity-make.log"
        log.write_text(done.stdout + done.stderr, "utf-8")
        raise Stopped(f"make {' '.join(arguments)}: {end_of(done.stdout + done.stderr)}")
    return done.stdout


#: The lines of a traceback name paths of this machine.
_SAYS_NOTHING = re.compile(r"Logs: |make(\[\d+\])?: \*\*\*|  File \"|    |Traceback ")


def end_of(said: str) -> str:
    """The last lines that say something: not where logs are, that make ended, or the lines of a traceback."""
    lines = [line for line in said.splitlines() if line.strip() and not _SAYS_NOTHING.match(line)]
    return " / ".join(lines[-3:])[:300]


def _suite(environment: dict[str, str], place: Place, folder: Path) -> str:
    """Its report. Tests that disturb others (``alone``) or take minutes (``long``) are left out everywhere."""
    report = folder / "junit.xml"
    python = ROOT / ".asyncsns" / "venv" / "bin" / "python"
    files = [f"tests/e2e/test_{module}.py" for module in place.modules] or ["tests/e2e"]
    # Two at a time, as `make test` runs it.
    options = ["-q", "-n", "2", "--dist", "loadfile", "-m", "not alone and not long", f"--junitxml={report}"]
    command: list[str | Path] = [python, "-m", "pytest", *files, *options, "--session-timeout", _SUITE_SECONDS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    log = ROOT / ".asyncsns" / "logs" / f"parity-{place.name}.log"
    log.write_text(done.stdout + done.stderr, "utf-8")
    if not report.exists():
        raise Stopped(f"pytest wrote no report: {log.name} in .asyncsns/logs has what it said")
    return report.read_text("utf-8")


def by_module(report: str) -> dict[str, list[int]]:
    """Passed, failed and skipped of each module of a JUnit report: ``tests.e2e.test_chat`` → ``chat``."""
    found: dict[str, list[int]] = {}
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 - pytest's own
        counts = found.setdefault(_module(case), [0, 0, 0])
        kinds = {child.tag for child in case}
        counts[1 if kinds & {"failure", "error"} else 2 if "skipped" in kinds else 0] += 1
    return dict(sorted(found.items()))


def failed(report: str) -> list[str]:
    """``chat: test_a_message_arrives`` of each that failed."""
    cases = ElementTree.fromstring(report).iter("testcase")  # noqa: S314 - pytest's own
    wrong = [case for case in cases if {child.tag for child in case} & {"failure", "error"}]
    return sorted(f"{_module(case)}: {case.get('name')}" for case in wrong)


def _module(case: ElementTree.Element) -> str:
    match = re.search(r"test_(\w+)", case.get("classname", ""))
    return match[1] if match else "other"


def _locust(environment: dict[str, str], folder: Path) -> dict[str, float]:
    prefix = folder / "locust"
    # Locust ends with 1 for a threshold that did not hold: the figures are there all the same.
    command = ["make", "load", f"USERS={_USERS}", f"SECONDS={_SECONDS}", f"LOCUST=--csv={prefix}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          check=False)  # fmt: skip
    stats = prefix.with_name("locust_stats.csv")
    if not stats.exists():
        raise Stopped(f"make load wrote no figures: {end_of(done.stdout + done.stderr)}")
    return aggregated(stats.read_text("utf-8"))


def aggregated(stats: str) -> dict[str, float]:
    """The row of all requests in Locust's CSV."""
    row = next(row for row in csv.DictReader(stats.splitlines()) if row["Name"] == "Aggregated")
    return {RATE: float(row["Requests/s"]), P50: float(row["50%"]), P95: float(row["95%"])}


def _lag(environment: dict[str, str]) -> float:
    said = _make(environment, "bench", "SUITES=pipeline")
    file = Path(said.strip().splitlines()[-1].removeprefix("written to ").strip())
    figures = json.loads(file.read_text("utf-8"))["figures"]
    return float(next(row["value"] for row in figures if row["name"] == _LAG_NAME))


def _memory(place: Place) -> float:
    settings = Settings.load()
    if dict(place.variables)["TARGET"] == "embedded":
        return sum(inspect.memory(settings).values()) / 1024 / 1024
    offset = f"-{settings.port_offset}" if settings.port_offset else ""
    command = ["docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return of_containers(said, f"asyncsns{offset}-")


def of_containers(said: str, prefix: str) -> float:
    """MB of those whose names begin so, from ``docker stats``: ``asyncsns-edge-1 44.9MiB / 512MiB``."""
    units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
    rows = re.findall(rf"^{re.escape(prefix)}[a-z-]+-\d+ ([\d.]+)(KiB|MiB|GiB)", said, re.MULTILINE)
    return sum(float(value) * units[unit] for value, unit in rows)


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
