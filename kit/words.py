"""Texts that people read in either language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ja"]


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    en: str
    ja: str

    def text(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en
