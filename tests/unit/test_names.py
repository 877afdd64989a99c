"""Public class names of the services are unique."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"
_CLASS = re.compile(r"^class ([A-Za-z]\w*)", re.MULTILINE)


def test_class_names_are_unique() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in SERVICES.rglob("*.py"):
        for name in _CLASS.findall(path.read_text("utf-8")):
            places[name].append(str(path.relative_to(SERVICES)))
    assert len(places) > 300, "no classes found: the test looks in the wrong place"
    twice = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert twice == {}, f"qualify these names by their context: {twice}"
