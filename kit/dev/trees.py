"""The code of a function during development: a folder of the modules that it imports, with their bytecode.

The function's package only names the folder (``emulation/emulator/lambdas/pointers.py``): code is neither packed nor
sent nor unpacked. A folder never changes; the next one shares the unchanged files with it.
Bytecode's hash is not checked by Python (PEP 552, unchecked hash-based pycs): it is made from the source beside it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.util
import io
import json
import os
import py_compile
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from emulation.emulator.lambdas.pointers import POINTER
from infra import bundles

_FILES = "files"


@dataclass(frozen=True)
class Tree:
    """``path`` holds copies of ``files``, the context's modules in the checkout; ``broken`` is a place that does not
    compile."""

    path: Path
    files: frozenset[Path]
    broken: str | None

    @functools.cached_property
    def package(self) -> bytes:
        """A zip that names the folder; the same sources give the same bytes."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(zipfile.ZipInfo(POINTER), json.dumps({"tree": str(self.path)}))
        return target.getvalue()

    @property
    def sha256(self) -> str:
        """As Lambda says it (``CodeSha256``)."""
        return base64.b64encode(hashlib.sha256(self.package).digest()).decode()

    def may_have(self, changed: Path) -> bool:
        """Whether a written, created or deleted file can change the tree."""
        return changed in self.files or changed.parent in {file.parent for file in self.files}


@dataclass(frozen=True)
class _Kept:
    """A source's copy and its bytecode; ``broken`` says where the source does not compile."""

    source: Path
    bytecode: Path | None
    broken: str | None


@dataclass(frozen=True)
class Planter:
    """Makes the trees of the checkout ``root``, in ``folder``."""

    root: Path
    folder: Path

    def plant(self, context: str) -> Tree:
        files = bundles.module_files(self.root, f"services.{context}.handler")
        kept = {str(file.relative_to(self.root)): self._kept(file) for file in files}
        digest = hashlib.sha256("\n".join(f"{name} {one.source.name}" for name, one in kept.items()).encode())
        path = self.folder / f"{context}-{digest.hexdigest()[:16]}"
        if not path.exists():
            _link(path, kept)
        return Tree(path, frozenset(files), next((one.broken for one in kept.values() if one.broken), None))

    def remove_others(self, trees: list[Tree]) -> None:
        """Remove every tree but these."""
        wanted = {tree.path for tree in trees} | {self.folder / _FILES}
        for path in self.folder.iterdir():
            if path not in wanted:
                shutil.rmtree(path)

    def _kept(self, file: Path) -> _Kept:
        stat = file.stat()
        return _keep(self.folder / _FILES, file, str(file.relative_to(self.root)), stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=4096)
def _keep(folder: Path, file: Path, name: str, mtime: int, size: int) -> _Kept:
    """Kept by time and size of the file."""
    content = file.read_bytes()
    key = hashlib.sha256(f"{name}\n".encode() + content).hexdigest()[:32]
    source, bytecode = folder / f"{key}{file.suffix}", folder / f"{key}.pyc"
    if not source.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = source.with_suffix(".partial")
        partial.write_bytes(content)
        partial.rename(source)
    if file.suffix != ".py":
        return _Kept(source, None, None)
    if not bytecode.exists():
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        try:
            py_compile.compile(str(source), str(bytecode), name, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError as error:
            line = getattr(error.exc_value, "lineno", None)
            return _Kept(source, None, f"{name}, line {line}")
    return _Kept(source, bytecode, None)


def _link(path: Path, kept: dict[str, _Kept]) -> None:
    """The tree appears whole or not at all."""
    partial = path.with_suffix(f".{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    for folder in {(partial / name).parent for name in kept}:
        (folder / "__pycache__").mkdir(parents=True, exist_ok=True)
    for name, one in kept.items():
        os.link(one.source, partial / name)
        if one.bytecode is not None:
            os.link(one.bytecode, partial / importlib.util.cache_from_source(name))
    partial.rename(path)
