"""Quotes: posts that embed another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class QuoteOf:
    """The post that is quoted, and whose it is."""

    post_id: str
    author_id: str

    def to_item(self) -> dict[str, str]:
        return {"postId": self.post_id, "authorId": self.author_id}


def quote_of(item: Mapping[str, Any]) -> QuoteOf | None:
    """From a post's item."""
    found = item.get("quoteOf")
    return QuoteOf(found["postId"], found["authorId"]) if found else None
