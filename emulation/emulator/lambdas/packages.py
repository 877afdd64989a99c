"""Code and layers on disk: each archive is unpacked once, under the hash of its content."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from emulation.emulator.lambdas.pointers import pointed
from emulation.emulator.layer_archives import Archive

#: Packages of AWS's Python runtime beside the standard library. Nothing else of the host's is visible to functions.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
#: Trees that no function has used for so long are removed at start.
KEEP_SECONDS = 14 * 86_400.0


class PackageError(ValueError):
    """An archive that cannot be unpacked; the message names it and why."""


class PackageStore:
    """Unpacked archives below ``root``; a tree appears whole or not at all."""

    def __init__(self, root: Path, trees: Path) -> None:
        """``trees``: where packages may name folders (``pointers.py``)."""
        self._root = root
        self._trees = trees
        self._lock = threading.Lock()
        self._known: dict[bytes, Path] = {}

    def unpacked(self, archive: bytes) -> Path:
        """Directory with the archive's content.

        Raises:
            PackageError: not a zip file, or an entry points outside, or the folder that it names is not there.
        """
        if (tree := pointed(archive)) is not None:
            return self._named(tree)
        # The end of a zip file lists the checksums of all entries: enough to know an archive seen before.
        key = hashlib.sha256(archive[-262_144:]).digest() + len(archive).to_bytes(8)
        with self._lock:
            known = self._known.get(key)
            if known is None or not known.exists():
                digest = hashlib.sha256(archive).hexdigest()
                known = self._known[key] = self._unpack(digest, lambda: archive)
        return known

    def _named(self, tree: Path) -> Path:
        if not tree.resolve().is_relative_to(self._trees.resolve()):
            raise PackageError(f"the package names {tree}, which is not below {self._trees}")
        if not tree.is_dir():
            raise PackageError(f"the package names {tree}, which is gone: `make up` puts the deployed code in place")
        return tree

    def unpacked_file(self, archive: Archive) -> Path:
        """As ``unpacked``; an archive that was unpacked before is not even read."""
        with self._lock:
            return self._unpack(archive.digest, archive.read)

    def tree(self, name: str) -> Path | None:
        """The directory of an archive that was unpacked before, by the directory's name; None when it is gone."""
        tree = self._root / name
        return tree if tree.parent == self._root and tree.is_dir() else None

    def _unpack(self, digest: str, read: Callable[[], bytes]) -> Path:
        tree = self._root / digest[:32]
        if not tree.exists():
            self._root.mkdir(parents=True, exist_ok=True)
            partial = tree.with_suffix(f".{os.getpid()}")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            _extract(read(), partial)
            partial.rename(tree)
        os.utime(tree)
        return tree

    def remove_unused(self) -> None:
        """Remove trees that were not used for long, and unfinished ones of a killed host."""
        if not self._root.exists():
            return
        for tree in self._root.iterdir():
            if tree.suffix or tree.stat().st_mtime < time.time() - KEEP_SECONDS:
                shutil.rmtree(tree, ignore_errors=True)


def _extract(archive: bytes, target: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            for entry in source.infolist():
                if not (target / entry.filename).resolve().is_relative_to(target.resolve()):
                    raise PackageError(f"archive entry points outside: {entry.filename!r}")
                source.extract(entry, target)
                mode = entry.external_attr >> 16 & 0o777
                if mode and not entry.is_dir():
                    (target / entry.filename).chmod(mode & 0o700 | 0o400)
    except zipfile.BadZipFile as error:
        raise PackageError(f"not a zip archive: {error}") from error


def layer_paths(tree: Path) -> list[str]:
    """Folders that a layer adds to ``sys.path``: ``python/`` and ``python/lib/pythonX.Y/site-packages``."""
    python = tree / "python"
    return [str(path) for path in (*sorted(python.glob("lib/python3*/site-packages")), python) if path.is_dir()]


def runtime_packages(root: Path) -> Path:
    """A directory with links to the packages of the Lambda runtime alone.

    A link that is right stays: execution environments of an emulator that was killed may be using it.
    """
    root.mkdir(parents=True, exist_ok=True)
    sources: dict[str, Path] = {}
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise PackageError(f"the emulator's environment lacks {name}, which the Lambda runtime has")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        sources[source.name] = source
    for entry in root.iterdir():
        if not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.readlink() != sources.get(entry.name):
            entry.unlink()
    for name, source in sources.items():
        if not (root / name).is_symlink():
            (root / name).symlink_to(source)
    return root
