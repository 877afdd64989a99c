"""Not on AWS: a package that only names a folder, whose files are the function's code as they are (``make dev``).

A zip with one entry, ``POINTER``: JSON, ``tree`` is the folder. Standard library only: the kit writes such packages.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

POINTER = "asyncsns-tree.json"
#: A package that is larger names no folder.
_MOST_BYTES = 4096


def pointed(archive: bytes) -> Path | None:
    """The folder that the package names; None for an ordinary package."""
    if len(archive) > _MOST_BYTES:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            if source.namelist() != [POINTER]:
                return None
            return Path(json.loads(source.read(POINTER))["tree"])
    except zipfile.BadZipFile:
        return None
