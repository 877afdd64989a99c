"""``python -m loadtests.bench [suite …]``: suites on the running stack, and startup in a fresh clone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from emulation.private import keep_private
from kit.settings import Settings
from loadtests.bench import (
    against,
    calls,
    chat,
    console,
    crowds,
    dev,
    doors,
    durability,
    emulators,
    gateway,
    life,
    live,
    media,
    memory,
    notifications,
    pipeline,
    posts,
    rooms,
    sockets,
    startup,
    timelines,
    traces,
    trust,
)
from loadtests.bench.people import NotUpError, gather, meet
from loadtests.bench.report import Figure, show, write

_SUITES: dict[str, Callable[[], list[Figure]]] = {
    "memory": memory.run,
    "gateway": lambda: gateway.run(gather()),
    "crowds": lambda: crowds.run(gather()),
    "pipeline": lambda: pipeline.run(gather()),
    "life": lambda: life.run(gather()),
    "calls": lambda: calls.run(meet()),
    "live": lambda: live.run(meet()),
    "rooms": lambda: rooms.run(meet()),
    "chat": lambda: chat.run(meet()),
    "sockets": lambda: sockets.run(gather()),
    "posts": lambda: posts.run(meet()),
    "timelines": lambda: timelines.run(gather()),
    "media": lambda: media.run(meet()),
    "trust": trust.run,
    "console": lambda: console.run(gather()),
    "traces": lambda: traces.run(gather()),
    "notifications": lambda: notifications.run(gather()),
    "doors": doors.run,
    "durability": durability.run,
    "emulators": emulators.run,
    "dev": dev.run,
    "startup": startup.run,
}


def main() -> None:
    """Run the suites one after the other, so that they do not disturb each other."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"of {', '.join(_SUITES)}; default: all")
    parser.add_argument("--against", metavar="commit", help="compare with this commit, in turns; takes no suites")
    parser.add_argument("--rounds", type=int, default=5, help="of the comparison")
    given = parser.parse_args()
    compare, suites = given.against, given.suites or list(_SUITES)
    try:
        figures = against.run(compare, given.rounds) if compare else _all(suites, parser)
    except (against.AgainstError, NotUpError, FileNotFoundError) as error:
        sys.exit(f"make bench: {error}")
    show(figures)
    print(f"written to {write(figures, Settings.load().home / 'bench')}")


def _all(chosen: list[str], parser: argparse.ArgumentParser) -> list[Figure]:
    unknown = sorted(set(chosen) - set(_SUITES))
    if unknown:
        parser.error(f"expected suites of {', '.join(_SUITES)}, got {', '.join(unknown)}")
    figures: list[Figure] = []
    for name in chosen:
        print(f"… {name}", flush=True)
        figures += _SUITES[name]()
    return figures


if __name__ == "__main__":
    main()
