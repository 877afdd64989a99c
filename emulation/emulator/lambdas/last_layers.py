"""Names of the layers that templates were made of, for the next start, which needs them before it loads the state.

Only a hint: a file that is missing or damaged costs the next start some time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LastLayers:
    """Kept in ``file``."""

    file: Path

    def read(self) -> list[str]:
        try:
            found = json.loads(self.file.read_bytes())
        except (OSError, ValueError):
            return []
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    def write(self, names: Sequence[str]) -> None:
        if sorted(names) == self.read():
            return
        temporary = self.file.with_suffix(".new")
        with contextlib.suppress(OSError):  # a full disk is not the end of the process
            temporary.write_text(json.dumps(sorted(names)), "utf-8")
            temporary.replace(self.file)
