"""Code that fails to import is reported before any of it is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import bundles
from kit.deploy.incremental import CodeDoesNotImport, Deployment
from kit.settings import Settings, checkout_root
from kit.steps import UNCHANGED


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Two importable contexts in a scratch checkout with the real environment and program."""
    root = tmp_path / "checkout"
    for context in ("posts", "chat"):
        (root / "services" / context).mkdir(parents=True)
        (root / "services" / context / "__init__.py").touch()
        (root / "services" / context / "handler.py").write_text(f"from services.{context} import model")
        (root / "services" / context / "model.py").write_text("import httpx")
    (root / "services" / "__init__.py").touch()
    (root / "kit").symlink_to(checkout_root() / "kit")
    (root / ".asyncsns").mkdir()
    (root / ".asyncsns" / "venv").symlink_to(checkout_root() / ".asyncsns" / "venv")
    return Deployment(Settings(root=root))


def _edit(deployment: Deployment, context: str, text: str) -> None:
    (deployment.settings.root / "services" / context / "model.py").write_text(text)
    bundles.forget()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import httpx\nimport not_there", "No module named 'not_there' (services/posts/model.py, line 2)"),
        ("def broken(:", "SyntaxError: "),
        ("from services.gone import x", "No module named 'services.gone' (services/posts/model.py, line 1)"),
        ("VALUE = {}['absent']", "KeyError: 'absent' (services/posts/model.py, line 1)"),
        ("raise SystemExit('out')", "SystemExit: out (services/posts/model.py, line 1)"),
    ],
)  # fmt: skip
def test_a_module_that_fails_is_named_with_its_line(deployment: Deployment, text: str, why: str) -> None:
    _edit(deployment, "posts", text)
    with pytest.raises(CodeDoesNotImport) as refused:
        deployment.check_imports()
    said = str(refused.value)
    assert "services.posts.handler: " in said
    assert why in said
    assert "services/posts/model.py, line " in said
    assert "services.chat.handler" not in said

    _edit(deployment, "posts", "import httpx")
    assert deployment.check_imports() == "chat, posts"


def test_only_changed_modules_are_imported_again(deployment: Deployment) -> None:
    assert deployment.check_imports() == "chat, posts"
    assert deployment.check_imports() == UNCHANGED
    _edit(deployment, "chat", "import json")
    assert deployment.check_imports() == "chat"


def test_a_module_missing_from_the_package_fails_the_import_check(deployment: Deployment) -> None:
    """A module imported under a computed name is not packaged: the import would fail only on Lambda."""
    (deployment.settings.root / "services" / "chat" / "extra.py").touch()
    _edit(deployment, "chat", "import importlib\nimportlib.import_module('services.chat.' + 'extra')")
    with pytest.raises(CodeDoesNotImport, match=r"No module named 'services.chat.extra'"):
        deployment.check_imports()
