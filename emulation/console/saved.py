"""Saved states, by a program that is handed in: this package does not know where an app keeps them.

``EMULATION_SAVES`` names its command. ``<command> --json`` prints one JSON document: ``{"saves": [{name, at, size}]}``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

_SECONDS = 30.0


class NoSaves(Exception):
    """The command does not answer; the message has the end of what it said."""


class Saves:
    """Runs the command for each look at the page."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def all(self) -> list[dict[str, Any]]:
        """As the command prints them; none without a command.

        Raises:
            NoSaves: it fails, or says something else.
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
