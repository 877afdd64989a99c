"""``make dev``: which edits it detects, which functions it updates, and that broken code is not deployed."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulation.emulator.lambdas.pointers import pointed
from infra.bundles import code_zip
from kit.dev import __main__ as program
from kit.dev.live import Live, digest
from kit.dev.watch import Watch
from kit.settings import LOCALSTACK, Settings

HANDLER = "from services.common import words\n\n\ndef handler(event, context):\n    return words.GREETING\n"


@dataclass
class Lambda:
    """The parts of boto3's Lambda client that are needed; records which function got which code."""

    code: dict[str, str] = field(default_factory=dict)
    updates: list[str] = field(default_factory=list)

    def get_paginator(self, _: str) -> Lambda:
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Functions": [{"FunctionName": name, "CodeSha256": sha} for name, sha in self.code.items()]}]

    def update_function_code(self, **request: Any) -> None:
        self.updates.append(request["FunctionName"])


#: Imports a handler and describes its error as an execution environment does.
IMPORT = """
import importlib, json, sys
from emulation.emulator.lambdas.runtime import _described
sys.path.insert(0, sys.argv[1])
try:
    importlib.import_module(sys.argv[2])
    print("null")
except BaseException as error:
    print(json.dumps(_described(error, skip=1)))
"""


def start(functions: list[str], package: bytes) -> dict[str, Any] | None:
    """A replacement for the call to the emulator."""
    tree = pointed(package)
    assert tree is not None
    module = "services.tasks.handler" if functions == ["task"] else "services.notes.handler"
    done = subprocess.run([sys.executable, "-c", IMPORT, tree, module], capture_output=True, check=True)
    described: dict[str, Any] | None = json.loads(done.stdout)
    return described


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {
        "services/__init__.py": "",
        "services/common/__init__.py": "",
        "services/common/words.py": "GREETING = 'hello'\n",
        "services/notes/__init__.py": "",
        "services/notes/handler.py": HANDLER,
        "services/tasks/__init__.py": "",
        "services/tasks/handler.py": "def handler(event, context):\n    return 1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def live(checkout: Path) -> Live:
    return Live(Settings(root=checkout), Lambda(), start, {"notes": ["note", "note-projector"], "tasks": ["task"]})


def edit(checkout: Path, name: str, text: str) -> None:
    (checkout / name).write_text(text)


def test_deployed_functions_with_current_code_are_not_updated(live: Live) -> None:
    notes, tasks = (code_zip(live.settings.root, context) for context in ("notes", "tasks"))
    live.client.code = {"note": digest(notes), "note-projector": "other", "task": digest(tasks)}
    (outcome,) = live.start()
    assert (outcome.context, outcome.failure) == ("notes", None)


def test_an_edit_reaches_the_functions_that_import_it_and_no_others(live: Live, checkout: Path) -> None:
    live.start()
    live.client.updates.clear()
    edit(checkout, "services/common/words.py", "GREETING = 'hi'\n")
    (outcome,) = live.apply([checkout / "services/common/words.py"])
    assert (outcome.context, outcome.functions) == ("notes", ("note", "note-projector"))
    assert live.client.updates == ["note", "note-projector"]
    assert list(live.apply([checkout / "services/common/words.py"])) == []


def test_a_tree_holds_the_packaged_files_and_their_bytecode(live: Live, checkout: Path) -> None:
    live.start()
    tree = live._trees["notes"]
    assert {str(file.relative_to(tree.path)) for file in tree.path.rglob("*.py")} == {
        str(file.relative_to(checkout)) for file in tree.files
    }
    edit(checkout, "services/common/words.py", "GREETING = 'edited afterwards'\n")
    program = "from services.common import words; print(words.__cached__, words.GREETING)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tree.path, capture_output=True, text=True)
    assert done.stdout.split() == [
        str(tree.path / importlib.util.cache_from_source("services/common/words.py")),
        "hello",
    ]


def test_trees_share_unchanged_files_and_the_next_start_removes_old_trees(live: Live, checkout: Path) -> None:
    live.start()
    before = live._trees["notes"].path
    edit(checkout, "services/common/words.py", "GREETING = 'hi'\n")
    list(live.apply([checkout / "services/common/words.py"]))
    after = live._trees["notes"].path
    same = [(path / "services/notes/handler.py").stat().st_ino for path in (before, after)]
    assert same[0] == same[1]
    assert (before / "services/common/words.py").read_text() == "GREETING = 'hello'\n"
    live.start()
    assert (before.exists(), after.exists()) == (False, True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("GREETING = \n", "SyntaxError"),
        ("import nowhere_at_all\n", "Runtime.ImportModuleError: No module named 'nowhere_at_all'"),
        ("raise RuntimeError('at import')\n", "RuntimeError: at import"),
    ],
)
def test_code_that_fails_to_import_is_not_deployed_and_is_named(
    live: Live, checkout: Path, text: str, error: str
) -> None:
    live.start()
    live.client.updates.clear()
    edit(checkout, "services/common/words.py", text)
    (broken,) = live.apply([checkout / "services/common/words.py"])
    assert broken.failure is not None
    assert error in broken.failure
    assert "services/common/words.py, line 1" in broken.failure
    assert live.client.updates == []
    edit(checkout, "services/common/words.py", "GREETING = 'mended'\n")
    (mended,) = live.apply([checkout / "services/common/words.py"])
    assert mended.failure is None
    assert live.client.updates == ["note", "note-projector"]


def test_files_that_were_written_made_or_removed_are_seen_once(checkout: Path) -> None:
    watch = Watch((checkout / "services",))
    edit(checkout, "services/common/words.py", "GREETING = 'longer than before'\n")
    edit(checkout, "services/common/.words.py.swp", "an editor's own")
    edit(checkout, "services/notes/model.py", "")
    (checkout / "services/tasks/handler.py").unlink()
    assert [str(path.relative_to(checkout)) for path in watch.changed()] == [
        "services/common/words.py",
        "services/notes/model.py",
        "services/tasks/handler.py",
    ]
    assert watch.changed() == []


def test_dev_refuses_localstack_and_names_the_command_to_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("EMULATOR", LOCALSTACK)
    settings = Settings(root=tmp_path)
    monkeypatch.setattr(program.Settings, "load", lambda: settings)
    monkeypatch.setattr(program.supervisor, "is_running", lambda _: True)
    settings.endpoints_file.parent.mkdir(parents=True, exist_ok=True)
    settings.endpoints_file.write_text("{}")
    assert program.main() == 1
    assert "make up EMULATOR=ministack" in capsys.readouterr().out
