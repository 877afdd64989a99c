"""The actions of the ``_aliases`` call: add, remove, remove_index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulation.search.errors import ParsingError, SearchError, require_keys


@dataclass(frozen=True)
class AliasStep:
    """One action; ``alias`` is empty for remove_index."""

    kind: str
    index: str
    alias: str


def alias_steps(body: dict[str, Any]) -> list[AliasStep]:
    """The actions in order. Raises SearchError: there are none, or one cannot be read."""
    require_keys(body, {"actions"}, "aliases")
    steps = [_step(action) for action in body.get("actions", [])]
    if not steps:
        raise SearchError(
            400,
            "action_request_validation_exception",
            "Validation Failed: 1: Must specify at least one alias action;",
        )
    return steps


def taken(alias: str) -> SearchError:
    """The refusal of an alias that has an index's name."""
    return SearchError(
        400,
        "invalid_alias_name_exception",
        f"Invalid alias name [{alias}]: an index or data stream exists with the same name as the alias",
    )


def _step(action: dict[str, Any]) -> AliasStep:
    if len(action) != 1:
        raise ParsingError("[aliases] an action must have exactly one key")
    ((kind, options),) = action.items()
    if kind not in {"add", "remove", "remove_index"}:
        raise ParsingError(f"[aliases] unknown field [{kind}]")
    allowed = {"index"} if kind == "remove_index" else {"index", "alias"}
    known = {"indices", "aliases", "filter", "routing", "index_routing", "search_routing", "is_write_index",
             "is_hidden", "must_exist"}  # fmt: skip
    require_keys(options, allowed, kind, known)
    for key in allowed:
        if not isinstance(options.get(key), str):
            raise ParsingError(f"[aliases] action [{kind}] requires [{key}]", "illegal_argument_exception")
    return AliasStep(kind, options["index"], options.get("alias", ""))
