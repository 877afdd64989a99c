"""Polls: rules on their content and votes, and the result for a viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import from_text, to_text
from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.common.text import clean

OPTIONS_LEAST, OPTIONS_MOST = 2, 4
#: Grapheme clusters per option.
OPTION_LIMIT = 50
DURATION_LEAST, DURATION_MOST = timedelta(minutes=5), timedelta(days=7)
#: A vote that was accepted just before the end is stored by then: longer than a command function may run.
GRACE = timedelta(seconds=15)


@dataclass(frozen=True)
class PollContent:
    """A new poll, as the author sent it; ``duration`` counts from the publication of the post."""

    options: Sequence[str]
    multiple: bool
    duration: timedelta


@dataclass(frozen=True)
class Poll:
    """``ends_at`` is RFC 3339; nobody may vote from then on."""

    options: tuple[str, ...]
    multiple: bool
    ends_at: str

    def has_ended(self, now: datetime) -> bool:
        return now >= from_text(self.ends_at)

    @property
    def closing_at(self) -> str:
        """When the result is final and people are notified."""
        return to_text(from_text(self.ends_at) + GRACE)

    def to_item(self) -> dict[str, Any]:
        return {"options": list(self.options), "multiple": self.multiple, "endsAt": self.ends_at}


@dataclass(frozen=True)
class Tally:
    """Projections of the vote edges: votes per option, and how many people voted."""

    votes: tuple[int, ...] = ()
    voters: int = 0

    def with_vote(self, choices: Sequence[int], options: int) -> Tally:
        """This tally and one more person's vote."""
        before = [*self.votes, *([0] * (options - len(self.votes)))]
        return Tally(tuple(n + (place in choices) for place, n in enumerate(before)), self.voters + 1)


def checked_poll(draft: PollContent, published: datetime) -> Poll:
    """Raises: BadRequest (number, length or repetition of options, duration)."""
    if not OPTIONS_LEAST <= len(draft.options) <= OPTIONS_MOST:
        expected = f"{OPTIONS_LEAST} to {OPTIONS_MOST} options"
        raise _fault("poll.options", expected, str(len(draft.options)))
    options = [clean(f"poll.options.{n}", one, limit=OPTION_LIMIT, least=1) for n, one in enumerate(draft.options)]
    if len({one.casefold() for one in options}) < len(options):
        raise _fault("poll.options", "options that differ", "one of them twice")
    if not DURATION_LEAST <= draft.duration <= DURATION_MOST:
        least, most = int(DURATION_LEAST.total_seconds()), int(DURATION_MOST.total_seconds())
        got = str(int(draft.duration.total_seconds()))
        raise _fault("poll.durationSeconds", f"{least} (5 minutes) to {most} (7 days)", got)
    return Poll(tuple(options), draft.multiple, to_text(published + draft.duration))


def checked_choices(poll: Poll, choices: Sequence[int]) -> tuple[int, ...]:
    """Places of the chosen options, in order. Raises: BadRequest."""
    most = len(poll.options) if poll.multiple else 1
    fits = all(0 <= one < len(poll.options) for one in choices) and len(set(choices)) == len(choices)
    if not fits or not 1 <= len(choices) <= most:
        number = f"1 to {most} different" if most > 1 else "one"
        raise _fault("choices", f"{number} of 0 to {len(poll.options) - 1}", repr(list(choices))[:64])
    return tuple(sorted(choices))


def poll_of(item: Mapping[str, Any] | None) -> Poll | None:
    """A poll from the ``poll`` attribute of a post's item."""
    return Poll(tuple(item["options"]), bool(item["multiple"]), item["endsAt"]) if item else None


def option_counter(place: int) -> str:
    """Name of an option's counter in the post's ``COUNTS`` item; the people are ``voters``."""
    return f"vote{place}"


def tally_of(counts: Mapping[str, Any] | None, options: int) -> Tally:
    """The tally from the post's ``COUNTS`` item."""
    found = counts or {}
    votes = tuple(max(0, int(found.get(option_counter(place), 0))) for place in range(options))
    return Tally(votes, max(0, int(found.get("voters", 0))))


def _fault(field: str, expected: str, got: str) -> BadRequest:
    return BadRequest(f"{field}: expected {expected}.", FieldError(field, expected, got))
