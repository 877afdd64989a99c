"""``python -m kit.compose.slim VENV``: removes modules from an image's environment that nothing in it imports.

The CDK's library has a module for every service of AWS, 180 MB of source; the app uses a part. Everything that runs in
the image is imported once, which also compiles just that; and the app synthesizes once, because the library imports
what the types of its arguments name when it checks them. numpy and FFmpeg (``av``) are used here for the last time:
the functions' code is imported, as a deployment would do it, and the seed's pictures and videos are painted.
"""

from __future__ import annotations

import importlib
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from kit.deploy.incremental import Deployment, app_environment
from kit.seed import files
from kit.settings import Settings

#: Packages whose modules run in the image: servers, the deployment and its seed.
_ENTRIES = (
    "emulation.console.__main__",
    "emulation.edge.__main__",
    "emulation.healthy",
    "emulation.pump.__main__",
    "emulation.push.__main__",
    "emulation.relay",
    "kit.compose.deploy",
    "kit.deploy.__main__",
    "kit.reindex",
    "kit.seed.__main__",
)
_TESTS = ("tests", "test")
_LIBRARY = "aws_cdk"
#: Their modules, shared libraries and metadata.
_USED_UP = ("av", "av-*", "av.libs", "numpy", "numpy-*", "numpy.libs")


def import_all() -> None:
    for name in _ENTRIES:
        importlib.import_module(name)


def synthesize() -> None:
    """As the deployment does it, into a folder that goes."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= app_environment(Settings.load(), Path(folder), "compose")
        runpy.run_module("infra.app", run_name="__main__")


def unused_modules(library: Path, loaded: dict[str, ModuleType]) -> list[Path]:
    """Folders of the CDK's library that no import asked for; its private parts (``_jsii``) are data."""
    used = {name.split(".")[1] for name in loaded if name.startswith(f"{library.name}.")}
    folders = (path for path in sorted(library.iterdir()) if path.is_dir())
    return [path for path in folders if not path.name.startswith("_") and path.name not in used]


def use_for_the_last_time(settings: Settings) -> int:
    """What needs them is done, and known to be done; returns how many files of the seed there are."""
    Deployment(settings, "compose").check_imports()
    return files.leave(files.folder())


def used_up(packages: Path) -> list[Path]:
    return sorted(path for pattern in _USED_UP for path in packages.glob(pattern))


def main(arguments: list[str]) -> int:
    """2 for other arguments than the environment's folder."""
    if len(arguments) != 1 or not (venv := Path(arguments[0])).is_dir():
        print(f"expected the folder of an environment, got {' '.join(arguments)!r}", file=sys.stderr)
        return 2
    import_all()
    synthesize()
    packages = next(venv.glob("lib/python*/site-packages"))
    unused = unused_modules(packages / _LIBRARY, sys.modules)
    tests = [path for name in _TESTS for path in packages.rglob(name) if path.is_dir()]
    painted = use_for_the_last_time(Settings.load())
    for path in [*unused, *tests, *used_up(packages)]:
        shutil.rmtree(path, ignore_errors=True)
    # It has all that it needs without them.
    subprocess.run([sys.executable, "-c", "from kit.compose import slim; slim.import_all()"], check=True)
    print(f"left out: {len(unused)} modules of {_LIBRARY}, {len(tests)} folders of tests; {painted} files painted")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
