"""The mutated packages, and the unit tests that have to detect the mutants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """``files`` are patterns of the files to change; ``tests`` are folders or files of ``tests/unit``."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


_COMMON = Package(
    "common",
    ("services/common/*.py",),
    (
        "common",
        "origin",
        "test_common.py",
        "test_signed_urls.py",
        "test_presigning.py",
        "realtime/test_management_api.py",
        "search/test_engine_parts.py",
        "search/test_symbols.py",
    ),
)
_PUMP = Package("pump", ("emulation/pump/*.py",), ("pump",))


class UnknownPackageError(Exception):
    """The package is unknown."""


def packages(root: Path, names: Sequence[str] = ()) -> list[Package]:
    """Packages of these names, or all without names. ``common/wire+entry``: only these modules of a package.

    Raises:
        UnknownPackageError: a name is unknown.
    """
    models = [_model(path.parent.name) for path in sorted((root / "services").glob("*/model.py"))]
    known = {one.name: one for one in (_COMMON, *models, _PUMP)}
    unknown = [one for one in names if one.partition("/")[0] not in known]
    if unknown:
        raise UnknownPackageError(f"PACKAGE: unknown {', '.join(unknown)}. Expected some of: {', '.join(known)}")
    return [_chosen(root, one, known) for one in names] if names else list(known.values())


def _chosen(root: Path, name: str, known: Mapping[str, Package]) -> Package:
    whole, _, modules = name.partition("/")
    package = known[whole]
    if not modules:
        return package
    folder = package.files[0].rpartition("/")[0]
    files = [
        f"{folder}/{one}/*.py" if (root / folder / one).is_dir() else f"{folder}/{one}.py" for one in modules.split("+")
    ]
    missing = [one for one in files if not any(root.glob(one))]
    if missing:
        raise UnknownPackageError(f"PACKAGE: {name}: there is no {', '.join(missing)}")
    return replace(package, name=name.replace("/", "-"), files=tuple(files))


def _model(context: str) -> Package:
    return Package(context, (f"services/{context}/model.py",), (context, "test_refusals_of_models.py"))
