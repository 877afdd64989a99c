"""`make mutants`: mutmut's survivors are read as line changes, and each explanation matches one or is reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.mutants import explained, trials, workspace
from kit.mutants.__main__ import figures
from kit.mutants.mutant import Mutant, Outcome, mutants_of, outcome_of
from kit.mutants.packages import Package, UnknownPackageError, packages
from kit.settings import checkout_root

SOURCE = """import json


class Box:
    size = 1

    def fits(self, other):
        # A comment.
        return other.size < self.size


def pack(one): return one
"""
MUTATED = """import json
class Box:
    def xǁBoxǁfits__mutmut_orig(self, other):
        # A comment.
        return other.size < self.size
    def xǁBoxǁfits__mutmut_1(self, other):
        # A comment.
        return other.size <= self.size
def x_pack__mutmut_orig(one): return one
def x_pack__mutmut_1(one): return None
"""
SPANS = {"xǁBoxǁfits__mutmut_orig": [3, 5], "xǁBoxǁfits__mutmut_1": [6, 8],
         "x_pack__mutmut_orig": [9, 9], "x_pack__mutmut_1": [10, 10]}  # fmt: skip
LESS = Mutant("a/b.py", 9, "Box.fits", ("return other.size < self.size",), ("return other.size <= self.size",),
              Outcome.SURVIVED)  # fmt: skip


def test_results_of_mutmut_are_read_as_line_changes(tmp_path: Path) -> None:
    for path, text in {
        "a/b.py": SOURCE,
        "mutants/a/b.py": MUTATED,
        "mutants/a/b.py.meta": json.dumps(
            {"exit_code_by_key": {"a.b.xǁBoxǁfits__mutmut_1": 0, "a.b.x_pack__mutmut_1": 33}}
        ),
        "mutants/a/b.py.spans": json.dumps({"version": 1, "spans": SPANS}),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    less, pack = mutants_of(tmp_path, "a/b.py")
    assert less == LESS
    assert (pack.line, pack.function, pack.outcome) == (12, "pack", Outcome.UNTESTED)
    assert str(less) == (
        "a/b.py:9 Box.fits (survived)\n  - return other.size < self.size\n  + return other.size <= self.size"
    )


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, "survived"), (1, "killed"), (3, "killed"), (24, "killed"), (36, "killed"), (33, "untested"), (5, "untested"),
     (-11, "unclear"), (None, "unclear")],
)  # fmt: skip
def test_exit_codes_are_outcomes(code: int | None, outcome: str) -> None:
    assert outcome_of(code) == outcome


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, True),
        ({"file": "a/*.py", "function": "Box.*", "removed": "size <", "added": "<="}, True),
        ({"file": "b/*"}, False),
        ({"function": "fits"}, False),
        ({"removed": "size >"}, False),
        ({"added": "size >"}, False),
        ({"untested": True}, False),
    ],
)
def test_an_explanation_matches_by_all_its_fields(fields: dict[str, str], fits: bool) -> None:
    reason = explained.Explanation(**{"file": "a/b.py", "reason": "equal", **fields})  # type: ignore[arg-type]
    assert reason.fits(LESS) is fits
    assert explained.unexplained([LESS], [reason]) == ([] if fits else [LESS])


@pytest.mark.parametrize(
    ("removed", "added", "wording"),
    [
        ('raise E("Say it first.", fault)', 'raise E("say it first.", fault)', True),
        ('raise E("Say it first.", fault)', 'raise E("XXSay it first.XX", fault)', True),
        ('raise E("Say it first.", fault)', 'raise E("Say it first.", None)', False),
        ('get("epoch")', 'get("EPOCH")', False),
    ],
)
def test_changed_case_in_a_sentence_counts_as_wording(removed: str, added: str, wording: bool) -> None:
    mutant = Mutant("a/b.py", 1, "f", (removed,), (added,), Outcome.SURVIVED)
    assert mutant.is_of_wording is wording
    assert explained.Explanation("a/b.py", "for people", wording=True).fits(mutant) is wording


def test_an_explanation_that_matches_no_tried_mutant_is_listed() -> None:
    used, gone, elsewhere = (explained.Explanation(file, "equal") for file in ("a/b.py", "a/c.py", "b/d.py"))
    partly = explained.Explanation("*/d.py", "equal", added="never")
    tried, untried = ["a/b.py", "a/c.py", "a/d.py"], ["b/d.py"]
    assert explained.outdated([LESS], [used, gone, elsewhere, partly], tried, untried) == [gone]
    assert explained.outdated([LESS], [partly], [*tried, *untried], []) == [partly]


@pytest.mark.parametrize(
    ("text", "said"),
    [("file = 'a'\nreason = ' '", "no reason"), ("file = 'a'", "reason"), ("file = 'a'\nreason = 'b'\nx = 1", "'x'")],
)
def test_an_entry_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mutants.toml"
    path.write_text(f"[[explained]]\n{text}\n")
    with pytest.raises(explained.ExplanationError, match=said):
        explained.read(path)


def test_explanations_name_existing_files() -> None:
    root = checkout_root()
    for one in explained.read(root / explained.FILE):
        assert list(root.glob(one.file)), f"{explained.FILE}: {one.file} does not exist"


def test_every_context_with_a_model_is_a_mutation_package() -> None:
    root = checkout_root()
    names = {one.name for one in packages(root)}
    assert names == {"common", "pump", *(path.parent.name for path in (root / "services").glob("*/model.py"))}
    assert [one.name for one in packages(root, ["pump", "chat"])] == ["pump", "chat"]
    with pytest.raises(UnknownPackageError, match=r"unknown cat\. Expected some of: common, accounts"):
        packages(root, ["cat"])


def test_chosen_modules_form_their_own_package() -> None:
    root = checkout_root()
    (chosen,) = packages(root, ["common/wire+entry"])
    assert chosen.name == "common-wire+entry"
    assert chosen.files == ("services/common/wire.py", "services/common/entry/*.py")
    assert chosen.tests == packages(root, ["common"])[0].tests
    with pytest.raises(UnknownPackageError, match=r"common/cat\+wire: there is no services/common/cat\.py"):
        packages(root, ["common/cat+wire"])


def test_figures_add_up() -> None:
    mutants = [LESS, Mutant("a", 1, "f", (), (), Outcome.KILLED), Mutant("a", 1, "f", (), (), Outcome.UNTESTED)]
    said = figures("chat", mutants, [explained.Explanation("a/b.py", "equal")])
    assert " ".join(said.split()) == (
        "chat 3 made, 1 killed, 1 survived, 1 in functions that no unit test runs; explained 1, left 1"
    )


def test_a_package_without_mutants_is_recognised(tmp_path: Path) -> None:
    assert not workspace.is_without_mutants(tmp_path)
    (tmp_path / "mutants" / "a").mkdir(parents=True)
    meta = tmp_path / "mutants" / "a" / "model.py.meta"
    meta.write_text('{"exit_code_by_key": {}}')
    assert workspace.is_without_mutants(tmp_path)
    meta.write_text('{"exit_code_by_key": {"a.model.x_f__mutmut_1": null}}')
    assert not workspace.is_without_mutants(tmp_path)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("services/chat/model.py", "tests/mutants.toml", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# first\n")
    monkeypatch.setattr(workspace, "_tracked", lambda root: ["services/chat/model.py", "tests/mutants.toml",
                                                             "pyproject.toml"])  # fmt: skip
    return tmp_path


def _stopped(root: Path) -> Path:
    """The workspace of a run that was stopped while it tried mutants; returns the file with its first result."""
    folder = workspace.prepare(root, Package("chat", ("services/chat/model.py",), ("chat",)))
    (folder / "mutants").mkdir(exist_ok=True)
    (folder / "mutants" / trials.TESTS).write_text("{}")
    result = folder / "mutants" / "model.py.meta"
    result.write_text("{}")
    return result


def test_a_stopped_run_keeps_its_results(tree: Path) -> None:
    result = _stopped(tree)
    (tree / "tests" / "mutants.toml").write_text("# A reason more changes no result.\n")
    workspace.prepare(tree, Package("chat", ("services/chat/model.py",), ("chat",)))
    assert result.exists()


@pytest.mark.parametrize("change", ["a file", "the package", "stopped before"])
def test_changed_files_or_tests_discard_earlier_results(tree: Path, change: str) -> None:
    result = _stopped(tree)
    tests: tuple[str, ...] = ("chat",)
    if change == "a file":
        (tree / "services" / "chat" / "model.py").write_text("# other\n")
    elif change == "the package":
        tests = ("chat", "calls")
    else:
        (result.parent / trials.TESTS).unlink()
    workspace.prepare(tree, Package("chat", ("services/chat/model.py",), tests))
    assert not result.exists()


def test_tests_that_detected_most_of_a_function_run_first_then_the_fastest() -> None:
    reach = trials.Reach(
        {"a.x_f": ["slow", "fast", "often"], "a.x_g": ["fast"]}, {"slow": 2.0, "fast": 0.1, "often": 1.0}
    )
    kills = trials.Kills()
    assert kills.order("a.x_f", reach) == ["fast", "often", "slow"]
    kills.counts["a.x_f"].update(["slow", "often", "often"])
    kills.counts["a.x_g"]["often"] = 9
    assert kills.order("a.x_f", reach) == ["often", "slow", "fast"]
    assert kills.order("a.x_h", reach) == []


def test_results_are_written_at_once_and_keep_what_mutmut_wrote(tmp_path: Path) -> None:
    path = tmp_path / "b.py.meta"
    path.write_text('{"exit_code_by_key": {"a": null, "b": 1, "c": null}, "hash_by_function_name": {"x_f": "1"}}')
    results = trials.Results(path)
    assert results.missing() == ["a", "c"]
    results.note({"a": trials.SURVIVED})
    assert json.loads(path.read_text()) == {
        "exit_code_by_key": {"a": 0, "b": 1, "c": None}, "hash_by_function_name": {"x_f": "1"}
    }  # fmt: skip
    assert trials.Results(path).missing() == ["c"]
