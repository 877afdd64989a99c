"""The code of one Lambda function: the modules that its entry imports, and no others.

A function's asset therefore changes only with its modules, and a deployment updates only the functions that an edit
affects.
"""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cache
from pathlib import Path

from infra.archives import write_zip
from infra.bytecode import bytecode_of

_PACKAGE = "services"
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#]+)", re.MULTILINE)
_FROM = re.compile(r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_DATA_SUFFIXES = frozenset({".json", ".txt", ".sql"})
#: Read only by the context's own HTTP function (``services/common/http.py``), not by those that import the context.
_OF_THE_HANDLER = "other_routes.json"


@cache
def code_zip(root: Path, context: str, *, for_aws: bool = False) -> Path:
    """A zip of ``services/<context>/handler.py`` and what it imports from ``services``.

    On AWS with bytecode: packages are read-only there, so each execution environment would otherwise compile at its
    cold start what it imports. Emulators keep the bytecode that the first one makes.

    A context without code gets only ``services/common``, with a warning: its function fails when invoked.
    """
    handler = f"{_PACKAGE}.{context}.handler"
    if _source(root, handler) is None:
        sys.stderr.write(f"infra: {handler.replace('.', '/')}.py is not there; its functions will fail when invoked\n")
        handler = f"{_PACKAGE}.common"
    files = {str(path.relative_to(root)): path for path in module_files(root, handler)}
    if for_aws:
        files |= bytecode_of(root, files)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name].read_bytes() + b"\0")
    target = root / ".asyncsns" / "bundles" / f"{context}-{digest.hexdigest()[:16]}.zip"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_zip(target, files)
    return target


def module_files(root: Path, module: str) -> list[Path]:
    """Files of ``module``, of every ``services`` module that it imports directly or not, of the packages above them,
    and the data files beside them."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        source = _source(root, name)
        if source is None or name in found:
            continue
        found[name] = source
        waiting.append(name.rpartition(".")[0])
        waiting.extend(_imports(source, name))
    directories = {path.parent for path in found.values()}
    data = {file for folder in directories for file in folder.iterdir() if file.suffix in _DATA_SUFFIXES}
    own = root.joinpath(*module.split(".")).parent
    data = {file for file in data if file.name != _OF_THE_HANDLER or file.parent == own}
    return sorted({*found.values(), *data})


@cache
def _source(root: Path, module: str) -> Path | None:
    if not module.startswith(_PACKAGE):
        return None
    base = root.joinpath(*module.split("."))
    for candidate in (base / "__init__.py", base.with_suffix(".py")):
        if candidate.exists():
            return candidate
    return None


def _imports(source: Path, module: str) -> frozenset[str]:
    stat = source.stat()
    return _imports_at(source, module, stat.st_mtime_ns, stat.st_size)


@cache
def _imports_at(source: Path, module: str, mtime: int, size: int) -> frozenset[str]:
    """Names that may be ``services`` modules; ``from a import b`` gives both ``a`` and ``a.b``.

    By pattern, not by syntax tree: ten times faster, and an import in a text only makes a package larger.
    """
    package = module if source.name == "__init__.py" else module.rpartition(".")[0]
    text = source.read_text("utf-8")
    names = {name for line in _IMPORT.findall(text) for name in _NAME.findall(line)}
    for dots, base, imported in _FROM.findall(text):
        parents = package.split(".")[: len(package.split(".")) - len(dots) + 1] if dots else []
        origin = ".".join([*parents, *([base] if base else [])])
        if origin.startswith(_PACKAGE):
            names.update({origin, *(f"{origin}.{name}" for name in _NAME.findall(imported))})
    return frozenset(name for name in names if name.startswith(f"{_PACKAGE}."))


def forget() -> None:
    """A cache of the sources, for long-lived processes. Imports are cached by a file's time and size."""
    for cached in (code_zip, _source):
        cached.cache_clear()
