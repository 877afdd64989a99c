"""``make bench AGAINST=<commit>``: this tree and that commit side by side, in turns, as ratios with their spread.

Machines differ, and one machine varies from minute to minute. So both networks run at once, each is measured for a few
seconds in turn, and the result is the ratio within a round. On a shared machine, processor time per request is the most
reliable figure. The commit gets a folder of its own among the temporary files and is stopped at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote_plus

import aiohttp
from yarl import URL

from kit.client import Endpoints
from kit.settings import Settings
from loadtests.bench.gateway import Request, Requests, level
from loadtests.bench.people import require_network
from loadtests.bench.processor import processor_seconds, spent
from loadtests.bench.report import Figure, percentile
from loadtests.mix import ACTIONS

_OFFSET = 350
_WARM_SECONDS, _SECONDS = 2.0, 6.0
#: Run by the Python of each tree, in its folder: the bench's people by its own code.
_GATHER = """
import json
try:
    from loadtests.bench.people import gather
except ImportError:
    from local.bench.people import gather
crowd = gather()
print(json.dumps({"url": crowd.endpoints.base_url, "tokens": [one.access_token for one in crowd.accounts]}))
"""
#: ``make`` of one tree must not inherit what was set for the other.
_OF_THIS_TREE = ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


class AgainstError(RuntimeError):
    """The other commit could not be started; the message has the command and the end of what it printed."""


_QUERIES = ("散歩", "bench", "朝 散歩", "from:bench1", '"bench post"')


@dataclass
class Asked(Requests):
    """The requests to one network, by each of its people in turn."""

    url: str
    tokens: list[str]
    #: Post and author ids of each client's last page of the home timeline.
    seen: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.url, self.tokens)

    async def browse(self, session: aiohttp.ClientSession, number: int) -> int:
        """One action of ``make load``'s browsing people, by their weights, without their pauses. 200: the expected
        status came."""
        seen = self.seen.get(number)
        if not seen:
            return await self._home(session, number)
        post, author = random.choice(seen)
        (action,) = random.choices(list(ACTIONS), [one.weight for one in ACTIONS.values()])
        match action:
            case "GET /v1/timelines/home":
                return await self._home(session, number)
            case "POST /v1/posts":
                body = {"clientPostId": uuid.uuid4().hex, "text": f"朝の散歩 {random.choice(_QUERIES)} #bench"}
                return await self._ask(session, number, "POST", "/v1/posts", 201, body)
            case "PUT /v1/posts/{id}/like":
                return await self._ask(session, number, "PUT", f"/v1/posts/{post}/like", 204)
        path = action.removeprefix("GET ").replace("{id}", author)
        query = {"/v1/search": f"?q={quote_plus(random.choice(_QUERIES))}", "/v1/search/suggest": "?q=be"}.get(path, "")
        return await self._ask(session, number, "GET", path + query, 200)

    async def _home(self, session: aiohttp.ClientSession, number: int) -> int:
        async with session.get(f"{self.url}/v1/timelines/home", headers=self._headers(number)) as answer:
            if answer.status == 200:
                self.seen[number] = [(post["id"], post["author"]["id"]) for post in (await answer.json())["items"]]
            return answer.status

    async def _ask(
        self, session: aiohttp.ClientSession, number: int, method: str, path: str, expected: int, body: object = None
    ) -> int:
        url = URL(f"{self.url}{path}", encoded=True)
        async with session.request(method, url, json=body, headers=self._headers(number)) as answer:
            await answer.read()
            return 200 if answer.status == expected else answer.status


@dataclass(frozen=True)
class Tree:
    """A checkout with a running network."""

    name: str
    root: Path
    port_offset: int

    def run(self, *command: str) -> str:
        """Output of a command in this tree.

        Raises:
            AgainstError: it failed.
        """
        environ = {name: value for name, value in os.environ.items() if name not in _OF_THIS_TREE}
        environ |= {"ASYNCSNS_PORT_OFFSET": str(self.port_offset), "SEED": "no"}
        done = subprocess.run(command, cwd=self.root, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stdout + done.stderr)[-2000:]
            raise AgainstError(f"{self.name}: {' '.join(command)[:60]}: exit status {done.returncode}\n{said}")
        return done.stdout

    def people(self) -> Asked:
        """Accounts with a full page in their home timelines, made by this tree's own code."""
        said = self.run(str(self.root / ".asyncsns" / "venv" / "bin" / "python"), "-c", _GATHER)
        found = json.loads(said.splitlines()[-1])
        return Asked(found["url"], found["tokens"])


@dataclass(frozen=True)
class Taken:
    """One tree in one round: answers a second, 95th percentile (ms), processor time (ms) for each answer."""

    rate: float
    p95: float
    processor: float


@dataclass(frozen=True)
class Kind:
    """What is requested, by how many clients, and the status of a good answer."""

    name: str
    request_of: Callable[[Asked], Request]
    good: int
    clients: int = 8


KINDS: tuple[Kind, ...] = (
    Kind("home timeline read", lambda asked: asked.read, 200),
    Kind("post", lambda asked: asked.publish, 201),
    Kind("browsing mix", lambda asked: asked.browse, 200, clients=32),
)


def run(commit: str, rounds: int) -> list[Figure]:
    """Start the commit, measure, stop it.

    Raises:
        AgainstError: the commit does not exist, or does not start.
        NotUpError: this tree's network does not answer.
    """
    settings = Settings.load()
    here = Tree("this tree", settings.root, settings.port_offset)
    there = Tree(commit, _checked_out(settings, commit), settings.port_offset + _OFFSET)
    require_network(Endpoints.load().base_url)
    print(f"… starting {commit} in {there.root}", flush=True)
    there.run("make", "up")
    try:
        return asyncio.run(_measured(here, there, rounds))
    finally:
        there.run("make", "down")


def _checked_out(settings: Settings, commit: str) -> Path:
    """The commit's files, without a git worktree."""
    folder = Path(tempfile.gettempdir()) / "asyncsns-against" / commit
    if not (folder / "Makefile").exists():
        packed = subprocess.run(["git", "archive", commit], cwd=settings.root, capture_output=True, check=False)
        if packed.returncode:
            raise AgainstError(f"AGAINST={commit}: expected a commit, got: {packed.stderr.decode().strip()}")
        folder.mkdir(parents=True)
        subprocess.run(["tar", "x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


async def _measured(here: Tree, there: Tree, rounds: int) -> list[Figure]:
    print("… gathering people", flush=True)
    asked = {tree: tree.people() for tree in (here, there)}
    figures: list[Figure] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        for kind in KINDS:
            pairs: list[dict[Tree, Taken]] = []
            for number in range(rounds):
                order = (here, there) if number % 2 == 0 else (there, here)
                pairs.append({tree: await _taken(session, tree, asked[tree], kind) for tree in order})
                print(f"… {kind.name}: round {number + 1} of {rounds}", flush=True)
            name = f"{kind.name}, {kind.clients} clients"
            figures += compared(name, there.name, [pair[here] for pair in pairs], [pair[there] for pair in pairs])
    return figures


async def _taken(session: aiohttp.ClientSession, tree: Tree, asked: Asked, kind: Kind) -> Taken:
    request = kind.request_of(asked)
    await level(session, request, kind.good, kind.clients, _WARM_SECONDS)
    before, begun = processor_seconds(tree.root), time.perf_counter()
    sample = await level(session, request, kind.good, kind.clients, _SECONDS)
    elapsed, used = time.perf_counter() - begun, spent(before, processor_seconds(tree.root))
    count = len(sample.latencies)
    if sample.failed or not count:
        raise AgainstError(f"{tree.name}: {kind.name}: expected answers of status {kind.good}, got {sample.failed}")
    return Taken(count / elapsed, percentile(sample.latencies, 0.95) * 1000, sum(used.values()) * 1000 / count)


_COMPARED: tuple[tuple[str, str, Callable[[Taken], float]], ...] = (
    ("rate", "requests/s", attrgetter("rate")),
    ("p95", "ms", attrgetter("p95")),
    ("processor time", "ms/request", attrgetter("processor")),
)


def compared(name: str, other: str, here: Sequence[Taken], there: Sequence[Taken]) -> list[Figure]:
    """Medians of both, and the median of the rounds' ratios (this tree to the other) with least and most."""
    figures = []
    for what, unit, of in _COMPARED:
        mine, others = [of(one) for one in here], [of(one) for one in there]
        ratios = [a / b for a, b in zip(mine, others, strict=True) if b]
        at = f"{name}: {what}"
        note = f"{len(here)} rounds of {_SECONDS:.0f} s"
        figures += [
            Figure("against", at, statistics.median(mine), unit, note=note),
            Figure("against", f"{at} of {other}", statistics.median(others), unit, note=note),
        ]
        if ratios:
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            figures.append(Figure("against", f"{at}: ratio", statistics.median(ratios), "×", note=spread))
    return figures
