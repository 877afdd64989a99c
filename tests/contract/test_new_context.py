"""The worked example of the docs, applied to a copy of this tree.

Its tests pass there, and each omitted step fails a test whose message says what to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.new_context.example import ExampleRefused, files_after
from kit.new_context.names import NameRefused, Names

ROOT = Path(__file__).parents[2]
NOTES = Names.of("notes")
#: Installed packages, which are linked instead of copied.
INSTALLED = (".asyncsns/venv", ".asyncsns/venv-emulator", ".asyncsns/tools", "node_modules",
             "frontend-static/node_modules", "tools/api-types/node_modules")  # fmt: skip
#: The template tests about a new function, its settings and the page. All template tests run in the one marked
#: ``long``.
TEMPLATES = ("tests/infra/test_functions.py", "tests/infra/test_settings.py", "tests/infra/test_pages.py")
CHANGED = "of_the_list or (exactly_the_variables and embedded and (notes or query)) or pages"
RULES = ("tests/contract/notes", "tests/unit/test_contexts.py", "tests/unit/test_docs.py")


def run(tree: Path, *command: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    merged = {**os.environ, "PYTHONPATH": str(tree), **(environment or {})}
    return subprocess.run(command, cwd=tree, env=merged, capture_output=True, text=True)


def pytest_in(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(tree, sys.executable, "-m", "pytest", "-q", "--tb=short", "-n", "0", *arguments)


def passes(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def copied(into: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (source := ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes(source.read_bytes())
    for name in INSTALLED:
        if (ROOT / name).exists() and not (into / name).exists():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).symlink_to((ROOT / name).resolve())
    return into


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree with the worked example, and with the API documents generated again."""
    copy = copied(tmp_path_factory.mktemp("tree"))
    for path, text in files_after(copy, NOTES).items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, "utf-8")
    passes(run(copy, sys.executable, "-m", "services.openapi"))
    return copy


@contextmanager
def without(tree: Path, **forgotten: str) -> Iterator[None]:
    """``name="path: text"``: removes the text from that file."""
    kept: dict[Path, str] = {}
    for entry in forgotten.values():
        name, text = entry.split(": ", 1)
        before = (tree / name).read_text("utf-8")
        kept.setdefault(tree / name, before)
        assert before.count(text) >= 1, f"{name} has no {text!r} to remove"
        (tree / name).write_text(before.replace(text, ""), "utf-8")
    yield
    for path, before in kept.items():
        path.write_text(before, "utf-8")


def test_the_example_passes_its_tests_and_those_of_contexts_and_docs(tree: Path) -> None:
    passes(pytest_in(tree, *RULES))


@pytest.mark.long
def test_the_example_passes_the_tests_of_functions_settings_and_pages(tree: Path) -> None:
    passes(pytest_in(tree, *TEMPLATES, "-k", CHANGED))


def test_the_example_passes_ruff(tree: Path) -> None:
    python = [path for path in files_after(ROOT, NOTES) if path.endswith(".py")]
    passes(run(tree, sys.executable, "-m", "ruff", "check", "-q", *python))
    passes(run(tree, sys.executable, "-m", "ruff", "format", "-q", "--check", *python))


def test_missing_import_contracts_export_and_erasure_are_named(tree: Path) -> None:
    with without(
        tree,
        contracts='pyproject.toml:     "services.notes",\n',
        kept="services/accounts/handler.py:         notes.personal_data(settings.table_notes),\n",
    ):
        done = pytest_in(tree, "tests/unit/test_contexts.py")
    assert done.returncode == 1
    for field in ("protected_modules", "containers", "ancestors"):
        assert f"add ['services.notes'] to `{field}`" in done.stdout
    assert "add the personal_data of ['notes'] to kept_of_people in services/accounts/handler.py" in done.stdout


@pytest.mark.long
def test_a_variable_that_no_model_names_is_named(tree: Path) -> None:
    with without(tree, field="services/query/settings.py:     table_notes: str\n", router=(
        "services/query/handler.py:         notes_router(NoteRepository(settings.table_notes)),\n"
    )):  # fmt: skip
        done = pytest_in(tree, "tests/infra/test_settings.py", "-k", "exactly_the_variables and query and embedded")
    assert done.returncode == 1
    assert "add a field for each of ['TABLE_NOTES'] to QuerySettings in services/query/settings.py" in done.stdout


def test_a_route_without_a_resource_is_named(tree: Path) -> None:
    with without(tree, resource="services/notes/api.py: , response_model=NoteResource"):
        done = run(tree, sys.executable, "-m", "services.openapi")
    assert done.returncode == 1
    assert "PUT /v1/notes/{note_id}: add response_model" in done.stderr


def test_a_new_name_replaces_the_example_name_everywhere() -> None:
    files = files_after(ROOT, Names.of("stories", "story"))
    made = {path: text for path, text in files.items() if not (ROOT / path).exists()}
    assert {"services/stories/model.py", "frontend-static/src/pages/stories.tsx"} <= set(made)
    assert "class StoryCommands:" in made["services/stories/commands.py"]
    assert 'STORIES: Final = "stories"' in files["infra/constants.py"]
    left = [path for path, text in made.items() if "note" in text.lower().replace("denote", "")]
    assert left == []


@pytest.mark.parametrize(
    ("many", "one"), [("", ""), ("Notes", ""), ("no-tes", ""), ("sheep", ""), ("stories", "Story")]
)
def test_an_invalid_context_name_is_refused(many: str, one: str) -> None:
    with pytest.raises(NameRefused, match="expected"):
        Names.of(many, one)


def test_an_existing_context_is_not_overwritten() -> None:
    with pytest.raises(ExampleRefused, match=r"services/posts/__init__.py is there already"):
        files_after(ROOT, Names.of("posts"))


@pytest.mark.long
def test_the_command_makes_a_context_that_passes_everything(tmp_path: Path) -> None:
    """All template tests, the security of every route, the UI's types and its own tests."""
    copy = copied(tmp_path)
    passes(run(copy, sys.executable, "-m", "kit.new_context", "recipes"))
    rules = ("tests/unit/test_contexts.py", "tests/unit/test_docs.py")
    passes(pytest_in(copy, "tests/infra", "tests/contract/recipes", *rules))
    passes(pytest_in(copy, "tests/security/test_authorization.py", "-k", "recipes or row"))
    passes(run(copy / "frontend-static", "npm", "run", "--silent", "check"))
    passes(run(copy / "frontend-static", "npm", "run", "--silent", "test", "--", "--reporter=dot"))
