"""The drill pages name deployed alarms."""

from __future__ import annotations

import re
from pathlib import Path

from tests.infra.templates import Templates

PAGES = Path(__file__).parents[2] / "docs/drills"


def test_pages_of_drills_name_alarms_that_exist(embedded: Templates) -> None:
    rows = embedded.resources("AWS::CloudWatch::Alarm").values()
    alarms = {row["AlarmName"] for row in rows}
    named = {
        (page.name, name)
        for page in PAGES.glob("*.md")
        for name in re.findall(r"alarms? `(asyncsns-[a-z0-9-]+)`", page.read_text())
    }
    assert len(named) > 8, "no alarms found: the test looks in the wrong place"
    assert sorted(one for one in named if one[1] not in alarms) == []
