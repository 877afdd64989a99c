"""The cloud assembly that the CDK app wrote: its stacks, in order of need, and which of them changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stack:
    """One stack of the assembly; ``digest`` changes whenever its template or one of its assets does."""

    name: str
    template_file: Path
    digest: str

    @property
    def template(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.template_file.read_text("utf-8"))
        return loaded


def stacks_of(assembly: Path) -> list[Stack]:
    """Stacks of a ``cdk.out`` folder, dependencies first (by the manifest's order).

    Asset hashes are part of the template text (S3 keys), so the text alone tells whether code changed.
    """
    artifacts = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"]
    rows = {key: row for key, row in artifacts.items() if row["type"] == "aws:cloudformation:stack"}
    ordered: list[str] = []

    def visit(key: str) -> None:
        if key in ordered:
            return
        for need in rows[key].get("dependencies", []):
            if need in rows:
                visit(need)
        ordered.append(key)

    for key in rows:
        visit(key)
    return [_stack(assembly, rows[key], key) for key in ordered]


def _stack(assembly: Path, row: dict[str, Any], key: str) -> Stack:
    file = assembly / row["properties"]["templateFile"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Stack(row["properties"].get("stackName", key), file, digest)


class DeployedDigests:
    """Which template each stack was last deployed with, beside the state of the target it was deployed to."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, str]:
        try:
            loaded: dict[str, str] = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}

    def changed(self, stacks: list[Stack], existing: set[str]) -> list[Stack]:
        """Stacks that are new, changed, or no longer there."""
        known = self.read()
        return [s for s in stacks if known.get(s.name) != s.digest or s.name not in existing]

    def write(self, stacks: list[Stack]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps({s.name: s.digest for s in stacks}, indent=2), "utf-8")
