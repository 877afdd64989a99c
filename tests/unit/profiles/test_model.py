"""Rules of profiles."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest, Unprocessable
from services.profiles.fields import ProfileField
from services.profiles.model import Profile, normalised_handle, revised, shut, unknown_author

BLANK = Profile(id="u", handle="", display_name="", created_at="2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize(("given", "handle"), [("Hana", "hana"), ("@hana_01", "hana_01"), (" abc ", "abc")])
def test_handles_are_normalised(given: str, handle: str) -> None:
    assert normalised_handle(given) == handle


@pytest.mark.parametrize("given", ["", "ab", "x" * 21, "ha-na", "はな", "ｈａｎａ", "a b c", "abc\u0000"])
def test_invalid_handles_are_refused(given: str) -> None:
    with pytest.raises(BadRequest):
        normalised_handle(given)


@pytest.mark.parametrize("given", ["admin", "ADMIN", "@support", "media"])
def test_reserved_handles_are_refused(given: str) -> None:
    with pytest.raises(Unprocessable):
        normalised_handle(given)


def test_a_name_counts_visible_characters_and_has_one_line() -> None:
    assert revised(BLANK, handle="abc", display_name="👨‍👩‍👧" * 50, changes={}).display_name == "👨‍👩‍👧" * 50
    assert revised(BLANK, handle="abc", display_name=" a \n b ", changes={}).display_name == "a b"
    with pytest.raises(BadRequest):
        revised(BLANK, handle="abc", display_name="x" * 51, changes={})
    with pytest.raises(BadRequest):
        revised(BLANK, handle="abc", display_name="abc", changes={"bio": "x" * 301})


def test_omitted_profile_fields_stay() -> None:
    profile = revised(BLANK, handle="abc", display_name="A", changes={"bio": "hi", "locale": "ja"})
    again = revised(profile, handle="abc", display_name="B", changes={})
    assert (again.bio, again.locale) == ("hi", "ja")


def test_given_profile_fields_are_stored() -> None:
    fields = [{"name": " Site ", "value": "https://a.example"}]
    said = revised(
        BLANK, handle="@Abc", display_name="A", changes={"locale": "en", "fields": fields, "avatar_url": "u"}
    )
    assert (said.handle, said.locale, said.avatar_url) == ("abc", "en", "u")
    assert [(one.name, one.value) for one in said.fields] == [("Site", "https://a.example")]


def test_the_short_form_names_a_person() -> None:
    person = Profile(id="u", handle="ann", display_name="Ann", created_at="", avatar_url="https://a.example/1")
    assert person.author() == {
        "id": "u", "handle": "ann", "displayName": "Ann", "avatarUrl": "https://a.example/1",
    }  # fmt: skip
    assert unknown_author("u") == {"id": "u", "handle": "", "displayName": "", "avatarUrl": None}


def test_others_see_only_the_handle_of_a_suspended_person() -> None:
    person = Profile(
        id="u", handle="ann", display_name="Ann", created_at="2026", bio="hi", avatar_media_id="m", avatar_url="a",
        header_media_id="n", header_url="b", fields=(ProfileField("Web", "x"),), bio_mentions=({"handle": "b"},),
    )  # fmt: skip
    assert shut(person) == Profile(id="u", handle="ann", display_name="ann", created_at="2026")
