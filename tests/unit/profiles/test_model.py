"""Rules of profiles."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest, Unprocessable
from services.profiles.model import Profile, normalised_handle, revised

BLANK = Profile(id="u", handle="", display_name="", created_at="2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize(("given", "handle"), [("Hana", "hana"), ("@hana_01", "hana_01"), (" abc ", "abc")])
def test_handles_are_normalised(given: str, handle: str) -> None:
    assert normalised_handle(given) == handle


@pytest.mark.parametrize("given", ["", "ab", "x" * 21, "ha-na", "はな", "ｈａｎａ", "a b c", "abc\u0000"])
def test_handles_that_are_no_handles(given: str) -> None:
    with pytest.raises(BadRequest):
        normalised_handle(given)


@pytest.mark.parametrize("given", ["admin", "ADMIN", "@support", "media"])
def test_reserved_handles(given: str) -> None:
    with pytest.raises(Unprocessable):
        normalised_handle(given)


def test_a_name_counts_what_people_see_and_takes_one_line() -> None:
    assert revised(BLANK, handle="abc", display_name="👨‍👩‍👧" * 50, changes={}).display_name == "👨‍👩‍👧" * 50
    assert revised(BLANK, handle="abc", display_name=" a \n b ", changes={}).display_name == "a b"
    with pytest.raises(BadRequest):
        revised(BLANK, handle="abc", display_name="x" * 51, changes={})
    with pytest.raises(BadRequest):
        revised(BLANK, handle="abc", display_name="abc", changes={"bio": "x" * 301})


def test_what_is_not_said_stays() -> None:
    profile = revised(BLANK, handle="abc", display_name="A", changes={"bio": "hi", "locale": "ja"})
    again = revised(profile, handle="abc", display_name="B", changes={})
    assert (again.bio, again.locale) == ("hi", "ja")
