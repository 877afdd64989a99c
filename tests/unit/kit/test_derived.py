"""Only a difference that persists is reported; an interrupted rebuild resumes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kit.derived.walk import Bookmark, differing
from services.common.derived import Compared


def looks(*answers: dict[str, str]) -> Iterator[dict[str, str]]:
    return iter(answers)


def found(*answers: dict[str, str], after: str | None = None) -> list[str]:
    """The subjects that differ; each answer is the result of one comparison: subject → difference."""
    left = looks(*answers)

    def compare(behind: str | None) -> Iterator[Compared]:
        assert behind == after
        for subject, difference in next(left).items():
            yield Compared(subject, (difference,) if difference else ())

    return [one.subject for one in differing(compare, after, lambda _: None, lambda _: None)]


def test_only_a_repeated_equal_difference_counts() -> None:
    first = {"a": "likes: 1, expected 2", "b": "likes: 4, expected 5", "c": "", "d": "gone"}
    later = {"a": "likes: 1, expected 2", "b": "likes: 5, expected 6", "c": "new", "d": ""}
    assert found(first, later) == ["a"]


def test_a_network_without_differences_is_compared_once() -> None:
    assert found({"a": "", "b": ""}) == []


def test_a_rebuild_resumes_after_its_bookmark(tmp_path: Path) -> None:
    bookmark = Bookmark(tmp_path / "rebuild" / "embedded-counters.json")
    assert bookmark.read() is None
    bookmark.write("POST#b")
    assert bookmark.read() == "POST#b"
    assert found({"POST#c": "x"}, {"POST#c": "x"}, after=bookmark.read()) == ["POST#c"]
    bookmark.forget()
    assert bookmark.read() is None
    bookmark.file.write_text("{")
    assert bookmark.read() is None
