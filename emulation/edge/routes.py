"""Selects the route of an HTTP API for a request.

Source: "Create routes for HTTP APIs in API Gateway", Routing API requests: a full match of method and path
first, then a match with a greedy path variable (``{proxy+}``), then ``$default``. A literal segment beats a
path variable, and a method beats ``ANY``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    greedy: dict[str, str] = field(default_factory=dict)
    here: dict[str, str] = field(default_factory=dict)


class RouteTable:
    """Route keys of one API, for example ``GET /v1/posts/{id}``; built once per reload."""

    def __init__(self, route_keys: Iterable[str]) -> None:
        self._root = _Node()
        self._default: str | None = None
        for key in route_keys:
            if key == "$default":
                self._default = key
                continue
            method, _, path = key.partition(" ")
            self._add(key, method, path)

    def _add(self, key: str, method: str, path: str) -> None:
        node = self._root
        for segment in path.strip("/").split("/") if path.strip("/") else []:
            if segment.startswith("{") and segment.endswith("+}"):
                node.greedy[method] = key
                return
            if segment.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literal.setdefault(segment, _Node())
        node.here[method] = key

    def select(self, method: str, path: str) -> str | None:
        """Route key for a method and path (``/v1/posts/7``), or None when the API answers 404."""
        segments = path.strip("/").split("/") if path.strip("/") else []
        return self._exact(self._root, segments, 0, method) or self._greedy(segments, method) or self._default

    def _exact(self, node: _Node, segments: list[str], at: int, method: str) -> str | None:
        if at == len(segments):
            return node.here.get(method) or node.here.get("ANY")
        following = node.literal.get(segments[at])
        found = self._exact(following, segments, at + 1, method) if following is not None else None
        if found is None and node.variable is not None and segments[at]:
            found = self._exact(node.variable, segments, at + 1, method)
        return found

    def _greedy(self, segments: list[str], method: str) -> str | None:
        """The longest prefix that has a greedy variable behind it wins."""
        best: str | None = None
        nodes = [self._root]
        for segment in segments:
            for node in nodes:
                best = node.greedy.get(method) or node.greedy.get("ANY") or best
            following = [node.literal[segment] for node in nodes if segment in node.literal]
            nodes = following + [node.variable for node in nodes if node.variable is not None]
        return best
