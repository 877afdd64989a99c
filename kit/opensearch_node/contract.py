"""The search contract in two columns: the embedded engine, and a real OpenSearch node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from kit.settings import checkout_root

Column = Mapping[str, str]


def run_column(url: str | None) -> dict[str, str]:
    """Run the suite against ``url`` (None: the embedded engine); test → passed, failed or skipped."""
    root = checkout_root()
    files = sorted(str(path) for path in (root / "tests" / "contract").glob("test_search_*.py"))
    environment = {key: value for key, value in os.environ.items() if key != "ASYNCSNS_SEARCH_URL"}
    if url:
        environment["ASYNCSNS_SEARCH_URL"] = url
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", f"--junitxml={report}", *files]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        if not report.exists():
            raise RuntimeError(f"pytest did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        # A report that pytest has just written, on this machine.
        return {_name(case): _outcome(case) for case in ElementTree.parse(report).iter("testcase")}  # noqa: S314


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    return "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"


def table(embedded: Column, node: Column | None, why_not: str = "") -> str:
    """One line a test function (its cases counted), differences case by case below."""
    lines = [f"{'contract':<75} {'embedded':>12} {'OpenSearch':>12}"]
    functions = dict.fromkeys(re.sub(r"\[.*", "", name) for name in embedded)
    for function in functions:
        lines.append(f"{function[:75]:<75} {_cell(embedded, function):>12} {_cell(node, function):>12}")
    lines.append(f"{'all':<75} {_cell(embedded, ''):>12} {_cell(node, ''):>12}")
    for name, outcome in embedded.items():
        other = (node or {}).get(name, "not run")
        if "failed" in (outcome, other):
            lines.append(f"  differs: {name}: embedded {outcome}, OpenSearch {other}")
    if node is None:
        lines.append(f"The OpenSearch column was not run: {why_not}")
    return "\n".join(lines)


def _cell(column: Column | None, function: str) -> str:
    if column is None:
        return "not run"
    outcomes = [o for name, o in column.items() if not function or re.sub(r"\[.*", "", name) == function]
    judged = [outcome for outcome in outcomes if outcome != "skipped"]
    return f"{judged.count('passed')}/{len(judged)}" if judged else "own promise"
