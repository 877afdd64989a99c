"""Targets: where the system runs. A target can start, deploy, seed and stop; commands use only this interface."""

from __future__ import annotations

import importlib
from typing import Protocol

from kit.settings import Settings
from kit.steps import StepFailed

#: Targets by name: the module has a class ``Target``.
_MODULES = {"embedded": "kit.targets.embedded", "compose": "kit.targets.compose"}


class Target(Protocol):
    """One way to run the system."""

    name: str

    def require_possible(self) -> None:
        """Raises ``StepFailed``: this target does not support a setting of the environment."""

    def up(self, settings: Settings) -> None:
        """Bring everything up and wait until it answers; prints progress and URLs."""

    def runs(self, settings: Settings) -> bool:
        """Whether its processes run in this checkout."""

    def down(self, settings: Settings) -> None:
        """Stop everything, keep the state."""

    def status(self, settings: Settings) -> int:
        """Print one row per process; 0 when all are healthy."""

    def logs(self, settings: Settings, service: str | None) -> None:
        """Print (and on a terminal follow) the logs of all or one."""

    def reset(self, settings: Settings) -> None:
        """Stop everything and empty the state."""


class UnknownTarget(ValueError):
    """``TARGET`` names an unknown target."""


def require_alone(name: str, settings: Settings) -> None:
    """Both targets have the same ports, and the commands know one of them.

    Raises:
        StepFailed: another target's network runs in this checkout.
    """
    for other in sorted(_MODULES):
        if other != name and load(other).runs(settings):
            raise StepFailed(
                f"TARGET={other} runs in this checkout: stop it first (its state is kept) with "
                f"`make down TARGET={other}`, then `make up TARGET={name}`"
            )


def load(name: str) -> Target:
    """The target called ``name``.

    Raises:
        UnknownTarget: the message lists what there is.
    """
    if name not in _MODULES:
        raise UnknownTarget(f"TARGET={name}: expected one of {', '.join(sorted(_MODULES))}")
    target: Target = importlib.import_module(_MODULES[name]).Target()
    return target
