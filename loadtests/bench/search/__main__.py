"""``python -m loadtests.bench.search [--posts 100000] [--rounds 300]``: a table of both engines, JSON beside it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from opensearchpy import OpenSearch

from emulation.private import keep_private
from kit.opensearch_node.assemble import CannotAssemble
from kit.opensearch_node.process import Node
from kit.settings import Settings
from loadtests.bench.search.measure import Figures, mean, measure, overlap

_AIM = 0.9


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.search", description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    settings = Settings.load()
    results, why_not = _run(settings, options.posts, options.rounds)
    print(_table(results))
    document: dict[str, object] = {"engines": [one.to_dict() for one in results]}
    if len(results) == 2:
        shares = overlap(*results)
        document["overlap"] = shares
        print(_ranking_table(shares))
    print(why_not, end="\n" if why_not else "")
    file = settings.home / "bench-search.json"
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1))
    print(f"JSON: {file}")
    return 0


def _run(settings: Settings, posts: int, rounds: int) -> tuple[list[Figures], str]:
    """Figures of each engine, and why there are none of OpenSearch."""
    results: list[Figures] = []
    with tempfile.TemporaryDirectory() as folder:
        with _embedded(Path(folder), settings.port("search") + 2) as url:
            results.append(_measure("embedded", url, posts, rounds))
        try:
            with Node(settings.home / "search-node", settings.port("search") + 3, Path(folder) / "node") as node:
                results.append(_measure("OpenSearch 2.19", node.url, posts, rounds))
        except CannotAssemble as error:
            return results, f"The OpenSearch column was not run: {error}"
    return results, ""


def _measure(engine: str, url: str, posts: int, rounds: int) -> Figures:
    client = OpenSearch(url, timeout=60)
    return measure(engine, client, posts, rounds, lambda text: print(text, file=sys.stderr, flush=True))


@contextmanager
def _embedded(home: Path, port: int) -> Iterator[str]:
    """The engine on an empty state of its own."""
    environment = {**os.environ, "EMULATION_STATE": str(home / "embedded"), "EMULATION_PORT_SEARCH": str(port)}
    with (home / "embedded.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "emulation.search"], env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    try:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/_health", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _table(results: list[Figures]) -> str:
    lines = [f"{'':<30}" + "".join(f"{one.engine:>26}" for one in results)]
    lines.append(f"{'documents':<30}" + "".join(f"{one.documents:>26,}" for one in results))
    lines.append(f"{'indexed per second':<30}" + "".join(f"{one.documents_per_second:>26,.0f}" for one in results))
    lines.append(f"{'ms: p50 / p95 / p99':<30}")
    for name in results[0].latencies:
        cells = (one.latencies[name] for one in results)
        lines.append(f"{name:<30}" + "".join(f"{f'{c.p50:.1f} / {c.p95:.1f} / {c.p99:.1f}':>26}" for c in cells))
    return "\n".join(lines)


def _ranking_table(shares: dict[str, float]) -> str:
    lines = ["", "top 10 that both engines agree on"]
    lines += [f"  {share:>5.2f}  {q}" for q, share in sorted(shares.items(), key=lambda pair: pair[1])]
    lines.append(f"  {mean(shares):.3f}  mean of {len(shares)} queries (aim {_AIM})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
