"""Answers from the access logs, by a configured program: this package knows no app and its questions.

``EMULATION_ACCESS_LOGS`` names its command. ``<command> --json --hours <n>`` prints one JSON document: ``hours`` and
``answers``, each ``{name, en, ja, columns, rows, label, value, unit}``; a chart has the columns ``label``, ``value``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

_SECONDS = 60.0


class NoAnswers(Exception):
    """The command failed; the message has the end of its output."""


class AccessLogs:
    """Runs the command each time the page is opened."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def answers(self, hours: int) -> dict[str, Any]:
        """The answers as the command prints them; none without a command.

        Raises:
            NoAnswers: it fails, or prints something else.
        """
        if not self._command:
            return {"hours": hours, "answers": []}
        try:
            done = subprocess.run(
                [*self._command, "--json", "--hours", str(hours)], stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoAnswers(f"EMULATION_ACCESS_LOGS: expected a command that answers, got {error}") from error
        if done.returncode:
            raise NoAnswers(f"EMULATION_ACCESS_LOGS: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found
