"""The contents of a function's package, and when they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.archives import write_zip
from infra.bundles import module_files


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
        "services/posts/words.json": "{}",
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
        "services/posts/words.json",
    }


def test_equal_files_give_equal_zips(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("same")
    second.write_text("same")
    write_zip(tmp_path / "a.zip", {"x.txt": first})
    write_zip(tmp_path / "b.zip", {"x.txt": second})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
