"""Imports run one way, and contexts do not import each other."""

from __future__ import annotations

import ast
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"
#: What any context may use besides itself.
SHARED = ("services.common", "services.realtime.public")
#: Composition roots put contexts together: these, and every context's ``handler.py``.
ROOTS = {"query", "openapi", "asyncapi.py"}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("services.")}


def test_contexts_speak_by_events_only() -> None:
    offences = []
    for path in SERVICES.rglob("*.py"):
        context = path.relative_to(SERVICES).parts[0]
        if context in ROOTS or path.name == "handler.py":
            continue
        for name in imports_of(path):
            if not name.startswith((*SHARED, f"services.{context}")):
                offences.append(f"{path.relative_to(SERVICES.parent)} imports {name}")
    assert offences == []


def test_only_repositories_and_adapters_know_boto3() -> None:
    allowed = {"adapter.py", "transport.py", "index.py", "aws.py", "dynamo.py"}
    offences = [
        str(path.relative_to(SERVICES.parent))
        for path in SERVICES.rglob("*.py")
        if path.name not in allowed and not path.name.endswith("repository.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "boto3" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "boto3")
    ]
    assert offences == []
