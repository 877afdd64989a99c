"""Fields of a profile: up to four pairs of a name and a value, as a person writes them (``Web``, ``https://…``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.common.text import clean

MOST = 4
NAME_LIMIT = 30
VALUE_LIMIT = 150


@dataclass(frozen=True)
class ProfileField:
    """One line of a profile's table; a value that is an http(s) address becomes a link on the screen."""

    name: str
    value: str

    def to_item(self) -> dict[str, str]:
        return {"name": self.name, "value": self.value}


def checked(given: Iterable[Mapping[str, Any]]) -> tuple[ProfileField, ...]:
    """The sent fields, normalised: one line each, in the given order; empty pairs are left out.

    Raises:
        BadRequest: more than ``MOST``, a half-empty pair, too long, control characters.
    """
    found = []
    for at, one in enumerate(given):
        name = _line(f"fields.{at}.name", one["name"], NAME_LIMIT)
        value = _line(f"fields.{at}.value", one["value"], VALUE_LIMIT)
        if not name and not value:
            continue
        if not name or not value:
            fault = FieldError(f"fields.{at}", "a name and a value", "only one of them")
            raise BadRequest("A profile field needs a name and a value.", fault)
        found.append(ProfileField(name, value))
    if len(found) > MOST:
        expected = f"at most {MOST} fields"
        raise BadRequest(f"fields: expected {expected}.", FieldError("fields", expected, str(len(found))))
    return tuple(found)


def _line(field: str, text: str, limit: int) -> str:
    return " ".join(clean(field, text, limit=limit).split())
