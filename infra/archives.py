"""Zips whose bytes depend on nothing but the files' names and content, so that equal content is one asset."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_zip(target: Path, files: Mapping[str, Path], level: int = 6) -> None:
    """Write ``files`` (path inside the zip → file) to ``target``, replacing it at once and whole.

    Args:
        level: of compression, 0 (none) to 9.
    """
    partial = target.with_suffix(f".{os.getpid()}.partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(entry, files[name].read_bytes(), compresslevel=level)
    partial.replace(target)
