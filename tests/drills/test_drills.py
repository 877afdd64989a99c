"""Every drill ends as its page says, on the running network, and leaves nothing behind."""

from __future__ import annotations

import pytest

from kit.client import Endpoints
from kit.drills.catalogue import DRILLS
from kit.drills.runner import play
from kit.drills.scene import NotHere, Scene

pytestmark = pytest.mark.alone
#: Drills that take longer run in `make test-long` only.
_SHORT_SECONDS = 12


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one.name, marks=[pytest.mark.long] if one.long or one.seconds > _SHORT_SECONDS else [])
        for one in DRILLS.values()
    ],
)
def test_a_drill_ends_with_the_documented_results(name: str) -> None:
    try:
        lines = play(DRILLS[name], Scene(Endpoints.load()))
    except NotHere as reason:
        pytest.skip(str(reason))
    differing = [
        f"{line.what.en}: expected {line.expected.en}, observed {line.observed.en}" for line in lines if not line.holds
    ]
    assert not differing, "\n".join(differing)
    assert len(lines) > 3
