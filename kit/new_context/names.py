"""The example's name for its thing, in all its spellings, and another in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: ``note`` and ``notes`` as words of identifiers: not inside "denoted".
_LOWER = re.compile(r"(?<![a-z])(notes?)(?![a-z])")
_CAPITAL = re.compile(r"(Notes?)(?![a-z])")
_UPPER = re.compile(r"(?<![A-Z])(NOTES?)(?![A-Z])")
_JAPANESE = "メモ"
_WORD = re.compile(r"[a-z]{3,20}")


class NameRefused(ValueError):
    """The message says what was expected, and what came."""


@dataclass(frozen=True)
class Names:
    """``many`` is the context's name, ``one`` its singular."""

    many: str
    one: str

    @classmethod
    def of(cls, many: str, one: str = "") -> Names:
        """Raises: NameRefused."""
        single = one or (many[:-1] if many.endswith("s") else many)
        for name in (many, single):
            if not _WORD.fullmatch(name):
                raise NameRefused(f"expected a name of 3 to 20 lower-case letters, got {name!r}")
        if many == single:
            raise NameRefused(f"expected NAME in the plural and ONE in the singular, got {many!r} for both")
        return cls(many, single)

    def put_into(self, text: str) -> str:
        """``text`` of the example with this name; for ``notes`` it stays as it is."""
        if self.many == "notes" and self.one == "note":
            return text
        text = _LOWER.sub(lambda found: self._instead(found[1]), text)
        text = _CAPITAL.sub(lambda found: self._instead(found[1]).capitalize(), text)
        text = _UPPER.sub(lambda found: self._instead(found[1]).upper(), text)
        return text.replace(_JAPANESE, self.many)

    def _instead(self, found: str) -> str:
        return self.many if found.lower() == "notes" else self.one
