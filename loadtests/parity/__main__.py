"""``python -m loadtests.parity [place …]``: measures the places at hand, writes the page; ``--write`` only the page."""

from __future__ import annotations

import argparse

from emulation.private import keep_private
from kit.settings import Settings
from loadtests.parity import page, record
from loadtests.parity.measure import measure
from loadtests.parity.places import PLACES
from loadtests.parity.previous import previous


def main() -> int:
    """1 when a place that was named could not be measured to the end."""
    keep_private()
    names = [place.name for place in PLACES]
    parser = argparse.ArgumentParser(prog="make parity", description=__doc__)
    parser.add_argument("places", nargs="*", metavar="place", help=f"of {', '.join(names)}; default: all at hand")
    parser.add_argument("--write", action="store_true", help="measure nothing, write the page from the record")
    given = parser.parse_args()
    if unknown := sorted(set(given.places) - set(names)):
        parser.error(f"expected places of {', '.join(names)}, got {', '.join(unknown)}")
    known, failed = record.load(), 0
    before = previous(Settings.load())
    for place in [] if given.write else PLACES:
        if given.places and place.name not in given.places:
            continue
        if why := place.lacks():
            print(f"{place.name}: not run, because {why}", flush=True)
            failed += place.name in given.places
            continue
        print(f"{place.name} …", flush=True)
        known[place.name] = measure(place)
        record.save(known)
        print(known[place.name].stopped or "measured", flush=True)
        failed += bool(known[place.name].stopped)
    page.write(known)
    if not given.write and not before.restore():
        print(f"the previous network did not start again: {before.variables}", flush=True)
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
