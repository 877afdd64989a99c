"""Saved states, listed by a configured program: this package does not know where an app keeps them.

``EMULATION_SAVES`` names its command. ``<command> --json`` prints one JSON document: ``{"saves": [{name, at, size}]}``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

_SECONDS = 30.0


class NoSaves(Exception):
    """The command failed; the message has the end of its output."""


class Saves:
    """Runs the command each time the page is opened."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def all(self) -> list[dict[str, Any]]:
        """The saved states as the command prints them; none without a command.

        Raises:
            NoSaves: it fails, or prints something else.
        """
        if not self._command:
            return []
        try:
            done = subprocess.run(
                [*self._command, "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoSaves(f"EMULATION_SAVES: expected a command that lists saved states, got {error}") from error
        if done.returncode:
            raise NoSaves(f"EMULATION_SAVES: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        return list(json.loads(done.stdout)["saves"])
