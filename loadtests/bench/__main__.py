"""``python -m loadtests.bench [suite …]``: suites on the running stack, and startup in a fresh clone."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from emulation.private import keep_private
from kit.settings import Settings
from loadtests.bench import (
    chat,
    gateway,
    life,
    media,
    memory,
    notifications,
    pipeline,
    posts,
    sockets,
    startup,
    timelines,
    trust,
)
from loadtests.bench.people import gather, meet
from loadtests.bench.report import Figure, show, write

_SUITES: dict[str, Callable[[], list[Figure]]] = {
    "memory": memory.run,
    "gateway": lambda: gateway.run(gather()),
    "pipeline": lambda: pipeline.run(gather()),
    "life": lambda: life.run(gather()),
    "chat": lambda: chat.run(meet()),
    "sockets": lambda: sockets.run(gather()),
    "posts": lambda: posts.run(meet()),
    "timelines": lambda: timelines.run(gather()),
    "media": lambda: media.run(meet()),
    "trust": trust.run,
    "notifications": lambda: notifications.run(gather()),
    "startup": startup.run,
}


def main() -> None:
    """Run the suites one after the other, so that they do not disturb each other."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"of {', '.join(_SUITES)}; default: all")
    chosen = parser.parse_args().suites or list(_SUITES)
    unknown = sorted(set(chosen) - set(_SUITES))
    if unknown:
        parser.error(f"expected suites of {', '.join(_SUITES)}, got {', '.join(unknown)}")
    figures: list[Figure] = []
    for name in chosen:
        print(f"… {name}", flush=True)
        figures += _SUITES[name]()
    show(figures)
    print(f"written to {write(figures, Settings.load().home / 'bench')}")


if __name__ == "__main__":
    main()
