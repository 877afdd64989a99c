"""Only a difference that persists is reported; an interrupted rebuild resumes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.derived import __main__ as command
from kit.derived import parts
from kit.derived.parts import CannotCompare
from kit.derived.walk import Bookmark, differing
from kit.settings import Settings
from services.common.derived import Compared, Comparison
from services.common.errors import Unavailable


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


@pytest.mark.parametrize("name", ["verify", "rebuild"])
@pytest.mark.parametrize(
    ("error", "target", "said"),
    [
        (CannotCompare("found two", "make reindex"), "embedded", "search: found two. `make reindex` mends it"),
        (CannotCompare("found two", "make reindex"), "aws", "search: found two. `make reindex TARGET=aws` mends it"),
        (Unavailable("Search is silent."), "embedded", "search: Search is silent. `make status` shows what runs"),
    ],
)
def test_a_part_that_cannot_be_compared_is_named_and_the_others_go_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    error: Exception,
    target: str,
    said: str,
) -> None:
    def comparison(part: str, endpoints: object) -> Comparison:
        if part == "search":
            raise error
        return lambda after: iter([])

    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for variable in Settings().aws_environment():
        monkeypatch.setenv(variable, "")  # undone after the test
    (tmp_path / "endpoints.json").write_text("{}")
    (tmp_path / "endpoints-aws.json").write_text("{}")
    monkeypatch.setattr(command, "comparison", comparison)
    assert command.main([name, "--what", "search", "counters", "--target", target]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(said)
    assert len(lines) == 2 and "counters: " in lines[1]


def test_an_alias_with_two_indices_is_named_with_its_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "doubled_indices", lambda url: {"people": ["people-v4", "people-v4-2026"]})
    with pytest.raises(CannotCompare, match="people has people-v4, people-v4-2026") as caught:
        parts.comparison("search", {"searchUrl": "http://127.0.0.1:1", "tables": {"posts": "p", "profiles": "q"}})
    assert caught.value.command == "make reindex"
