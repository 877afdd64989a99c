"""The network that ``make parity`` found, which is there again afterwards.

``make up`` remembers its target, so the next one would start the target that was measured last.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from kit.settings import Settings, checkout_root
from kit.supervisor import client

#: Variables of `make up`, by the names under which it remembers them.
_VARIABLES = {"target": "TARGET", "emulator": "EMULATOR", "search": "SEARCH"}


@dataclass(frozen=True)
class Previous:
    """``variables`` of its `make up`; none when there was no network."""

    variables: dict[str, str]
    was_running: bool

    def commands(self) -> list[str]:
        """What brings it back. A start makes the state fit its emulator and search engine, even if it ends at once."""
        if not self.variables:
            return []
        return ["up"] if self.was_running else ["up", "down"]

    def restore(self) -> bool:
        """Whether it is there again."""
        environment = os.environ | self.variables
        return all(
            subprocess.run(["make", command], cwd=checkout_root(), env=environment, check=False).returncode == 0
            for command in self.commands()
        )


def previous(settings: Settings) -> Previous:
    remembered = settings.remembered()
    variables = {variable: remembered[name] for name, variable in _VARIABLES.items() if name in remembered}
    return Previous(variables, client.is_running(settings))
