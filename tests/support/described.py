"""Checks every answer in the unit tests against ``docs/openapi.json``."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return document


@cache
def _routes() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Fixed paths precede those with parameters."""
    paths = sorted(_document()["paths"].items(), key=lambda one: one[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), verbs) for path, verbs in paths]


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": _document()["components"]})


def check(method: str, path: str, status: int, content: Any) -> None:
    """Raises: AssertionError (the document has no such answer), jsonschema.ValidationError (it differs)."""
    verbs = next((verbs for pattern, verbs in _routes() if pattern.fullmatch(path)), {})
    if method.lower() not in verbs or status >= 500:
        return
    answers = verbs[method.lower()]["responses"]
    answer = answers.get(str(status)) or answers.get(f"{status // 100}XX")
    if answer and "$ref" in answer:
        answer = _document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    assert answer is not None, f"{method} {path} answered {status}; described are {', '.join(answers)}"
    if "content" not in answer:
        assert content is None, f"{method} {path} answered {status} with content"
        return
    # A refusal of the function itself, not of the gateway.
    described = answer["content"].get("application/problem+json") or answer["content"]["application/json"]
    _validator(described["schema"]["$ref"].rpartition("/")[2]).validate(content)
