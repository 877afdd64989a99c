"""Removes folders that earlier versions of this checkout left beside the sources. Standard library only."""

from __future__ import annotations

import shutil
from pathlib import Path

#: Folders of earlier versions → what they are now.
_FORMER = {"local": "emulation/, kit/ and loadtests/bench/"}


def remove_former_folders(root: Path) -> list[str]:
    """Remove former folders that hold nothing but compiled Python, which git leaves behind; one line for each."""
    said = []
    for name, now in _FORMER.items():
        if (root / name).is_dir() and _is_only_compiled(root / name):
            shutil.rmtree(root / name)
            said.append(f"{name}/ is now {now}: removed the compiled files that were left in it")
    return said


def _is_only_compiled(folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return all(file.parent.name == "__pycache__" and file.suffix == ".pyc" for file in files)
