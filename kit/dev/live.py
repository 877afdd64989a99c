"""Deploys saved code: the emulator starts it first, and functions are updated if it can be imported."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from emulation.guard import HELPER_HEADERS
from infra import bundles
from kit.dev.trees import Planter, Tree
from kit.settings import Settings

#: As many contexts are started at once when an edit concerns several.
_AT_ONCE = 2
_PATIENCE_SECONDS = 60.0
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


@dataclass(frozen=True)
class Outcome:
    """The outcome for one context's code. ``failure``: why it cannot be imported; the functions keep their code."""

    context: str
    functions: tuple[str, ...]
    failure: str | None
    seconds: float


class Starter(Protocol):
    """Starts a package for one of the functions; answers with the error as Lambda describes it, or None."""

    def __call__(self, functions: list[str], package: bytes) -> dict[str, Any] | None: ...


def emulators_starter(url: str) -> Starter:
    """A starter that uses the emulator (``emulation/emulator/lambdas/prepared.py``)."""
    client = httpx.Client(base_url=url, headers=HELPER_HEADERS, timeout=_PATIENCE_SECONDS)

    def start(functions: list[str], package: bytes) -> dict[str, Any] | None:
        answer = client.put("/_asyncsns/prepared", params={"functions": ",".join(functions)}, content=package)
        if answer.status_code == httpx.codes.CONFLICT:
            return dict(answer.json())
        answer.raise_for_status()
        return None

    return start


@dataclass
class Live:
    """The functions of a running network and the code that each has."""

    settings: Settings
    client: Any
    starter: Starter
    #: context → its functions
    functions: dict[str, list[str]]
    _trees: dict[str, Tree] = field(default_factory=dict)

    @property
    def _planter(self) -> Planter:
        folder = self.settings.state / "emulator" / "trees"
        folder.mkdir(parents=True, exist_ok=True)
        return Planter(self.settings.root, folder)

    def start(self) -> list[Outcome]:
        """Record the current sources as deployed, and update functions that have other code."""
        self._trees = {context: self._planter.plant(context) for context in self.functions}
        pages = self.client.get_paginator("list_functions").paginate()
        deployed = {one["FunctionName"]: one["CodeSha256"] for page in pages for one in page["Functions"]}
        outdated = []
        for context, names in self.functions.items():
            current = {self._trees[context].sha256, digest(bundles.code_zip(self.settings.root, context))}
            if any(deployed.get(name) not in current for name in names):
                outdated.append(context)
        outcomes = list(self._put_all(outdated))
        if all(one.failure is None for one in outcomes):
            self._planter.remove_others(list(self._trees.values()))
        return outcomes

    def apply(self, changed: Iterable[Path]) -> Iterator[Outcome]:
        """After an edit: yields one outcome for each context whose code changed."""
        bundles.forget()
        edited = list(changed)
        concerned = [name for name, one in self._trees.items() if any(map(one.may_have, edited))]
        before = {context: self._trees[context].path for context in concerned}
        self._trees |= {context: self._planter.plant(context) for context in concerned}
        # The context with the fewest modules first: it is the one that somebody most likely works on.
        other = [context for context in concerned if self._trees[context].path != before[context]]
        yield from self._put_all(sorted(other, key=lambda name: len(self._trees[name].files)))

    def _put_all(self, contexts: list[str]) -> Iterator[Outcome]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(self._put, contexts)

    def _put(self, context: str) -> Outcome:
        begun, names, tree = time.monotonic(), self.functions[context], self._trees[context]
        described = self.starter(names, tree.package)
        if described is None:
            for name in names:
                self.client.update_function_code(FunctionName=name, ZipFile=tree.package)
        failure = None if described is None else f"services.{context}.handler: {_told(described, tree)}"
        return Outcome(context, tuple(names), failure, time.monotonic() - begun)


def _told(described: dict[str, Any], tree: Tree) -> str:
    """The error with its place in our code: where it does not compile, or the last frame."""
    frames = [match for text in described.get("stackTrace", ()) for match in _FRAME.finditer(text)]
    places = [
        f"{Path(frame['file']).relative_to(tree.path)}, line {frame['line']}"
        for frame in frames
        if Path(frame["file"]).is_relative_to(tree.path)
    ]
    place = tree.broken or (places[-1] if places else None)
    return f"{described['errorType']}: {described['errorMessage']}" + (f" ({place})" if place else "")


def digest(package: Path) -> str:
    """As Lambda says it (``CodeSha256``)."""
    return base64.b64encode(hashlib.sha256(package.read_bytes()).digest()).decode()
