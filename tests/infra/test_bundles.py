"""The contents of a function's package, and when they change."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from infra import bytecode
from infra.archives import write_zip
from infra.bundles import code_zip, module_files
from infra.interpreters import HOST_PYTHON, LAMBDA_PYTHON, interpreter


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """``posts`` uses ``common.ids`` and, lazily, ``media.model``; nothing uses ``chat``."""
    files = {
        "services/__init__.py": "",
        "services/common/__init__.py": "",
        "services/common/ids.py": "from services.common import clock\n",
        "services/common/clock.py": "",
        "services/common/unused.py": "",
        "services/posts/__init__.py": "",
        "services/posts/handler.py": "from services.common.ids import new_id\nfrom . import model\n",
        "services/posts/model.py": "def f():\n    import services.media.model\n",
        "services/posts/other_routes.json": "{}",
        "services/posts/words.json": "{}",
        "services/media/other_routes.json": "{}",
        "services/media/__init__.py": "",
        "services/media/model.py": "",
        "services/chat/__init__.py": "",
        "services/chat/handler.py": "",
    }
    for name, content in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return tmp_path


def test_a_package_holds_only_the_files_that_its_handler_imports(tree: Path) -> None:
    found = {str(path.relative_to(tree)) for path in module_files(tree, "services.posts.handler")}
    assert found == {
        "services/__init__.py",
        "services/common/__init__.py",
        "services/common/clock.py",
        "services/common/ids.py",
        "services/media/__init__.py",
        "services/media/model.py",
        "services/posts/__init__.py",
        "services/posts/handler.py",
        "services/posts/model.py",
        "services/posts/other_routes.json",
        "services/posts/words.json",
    }


def test_equal_files_give_equal_zips(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("same")
    second.write_text("same")
    write_zip(tmp_path / "a.zip", {"x.txt": first})
    write_zip(tmp_path / "b.zip", {"x.txt": second})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.fixture
def python() -> str:
    """An interpreter of Lambda's Python version."""
    found = interpreter(LAMBDA_PYTHON)
    if found is None:
        pytest.skip(f"python{LAMBDA_PYTHON} is absent (this is {HOST_PYTHON})")
    return found


def test_a_package_for_aws_starts_from_its_bytecode(tree: Path, python: str, tmp_path: Path) -> None:
    """Packages are read-only on Lambda: code without bytecode is compiled at each cold start."""
    (tree / "services/posts/model.py").write_text(
        "NAMES = {'a', 'b', 'c', 'd'}\nfile = (lambda: 0).__code__.co_filename\n", "utf-8"
    )
    package = code_zip(tree, "posts", for_aws=True)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "task")
        files = set(archive.namelist())
    sources = {name for name in files if name.endswith(".py")}
    assert len(files) == 2 * len(sources) + 2  # words.json, other_routes.json
    for module in ("handler", "model"):
        (tmp_path / f"task/services/posts/{module}.py").write_text("raise AssertionError('compiled again')", "utf-8")
    code = "import services.posts.model as m; print(sorted(m.NAMES), m.file)"
    done = subprocess.run(
        [python, "-B", "-c", code], cwd=tmp_path / "task", capture_output=True, text=True, check=False
    )
    path = str(tmp_path / "task/services/posts/model.py")
    assert (done.stdout.strip(), done.stderr) == (f"['a', 'b', 'c', 'd'] {path}", "")


def test_equal_sources_have_equal_bytecode(tree: Path, python: str, tmp_path: Path) -> None:
    source = tree / "services/posts/model.py"
    source.write_text("def f(x):\n    return x in {'a', 'b', 'c', 'd', 'e', 'f'}\n", "utf-8")
    found = [bytecode.bytecode_of(tmp_path / folder, {"services/posts/model.py": source}) for folder in "ab"]
    (first,), (second,) = (one.values() for one in found)
    assert first != second and first.read_bytes() == second.read_bytes()


def test_a_package_for_an_emulator_holds_sources(tree: Path) -> None:
    with zipfile.ZipFile(code_zip(tree, "posts")) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]


def test_a_source_that_does_not_compile_is_packed_without_bytecode(tree: Path, python: str) -> None:
    source = tree / "services/posts/model.py"
    source.write_text("def f(:\n", "utf-8")
    files = {"services/posts/model.py": source, "services/posts/handler.py": tree / "services/posts/handler.py"}
    assert list(bytecode.bytecode_of(tree, files)) == ["services/posts/__pycache__/handler.cpython-312.pyc"]


def test_without_lambda_s_python_there_is_no_bytecode(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bytecode, "interpreter", lambda _: None)
    bytecode._note_absence.cache_clear()
    files = {"services/posts/handler.py": tree / "services/posts/handler.py"}
    assert bytecode.bytecode_of(tree, files) == bytecode.bytecode_of(tree, files) == {}
    assert capsys.readouterr().err.count("functions will start without bytecode") == 1
