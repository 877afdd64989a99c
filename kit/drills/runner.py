"""Runs a drill and makes sure that its faults are removed."""

from __future__ import annotations

import contextlib

import httpx

from kit.client.api import PATIENCE_SECONDS, wait_for
from kit.drills.drill import Drill, Line
from kit.drills.scene import NotHere, Scene
from kit.words import Words

_WELL = Words("all servers are well", "全サーバー正常")
#: Servers whose health page has to say "ok" before and after.
_SERVERS = ("emulator", "search", "console", "pump", "push", "edge")


def play(drill: Drill, scene: Scene) -> list[Line]:
    """The lines of one run. A drill that raises has failed: its last line says why.

    Raises:
        NotHere: it cannot be played on this target or machine.
    """
    if sick := unwell(scene):
        raise NotHere(f"the network is unhealthy before the drill: {', '.join(sick)}. Run `make up` first")
    try:
        drill.play(scene)
    except NotHere:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}"[:300]
        scene.expect(
            "The drill runs to its end", "訓練が最後まで進む", Words("no error", "エラーなし"), text, holds=False
        )
    finally:
        scene.close()
        _look_again(scene)
    return scene.lines


def _look_again(scene: Scene) -> None:
    with contextlib.suppress(TimeoutError):
        wait_for(
            lambda: unwell(scene), until=lambda sick: not sick, what="all servers to be well", seconds=PATIENCE_SECONDS
        )
    left = unwell(scene)
    seen = ", ".join(left) or _WELL
    scene.expect("Afterwards everything is as before", "終了後はすべて元どおり", _WELL, seen)


def unwell(scene: Scene) -> list[str]:
    """Servers whose health is not "ok", and faults in force."""
    found = []
    for name in _SERVERS:
        try:
            health = scene.health(name)
        except (httpx.HTTPError, ValueError) as error:
            found.append(f"{name}: {type(error).__name__}")
            continue
        if health.get("status") not in ("ok", "green", None):
            found.append(f"{name}: {health['status']}")
        if health.get("faults"):
            found.append(f"{name}: faults are in force")
    return found
