"""``python -P imports.py PACKAGE=MODULE …``: import each module from its zip, print what fails as a JSON list.

A program by itself, with the environment's packages in place of the layers: it sees the code as Lambda does, the
modules that were packed and no others.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback

_OURS = "services"
#: Clients are made when a module is imported; nothing is asked of them.
_ENVIRONMENT = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}


def failure_of(package: str, module: str) -> str | None:
    """Why ``module`` cannot be imported from the zip ``package``, with the place in our code; None when it can."""
    for name in [name for name in sys.modules if name.partition(".")[0] == _OURS]:
        del sys.modules[name]
    sys.path.insert(0, package)
    try:
        importlib.import_module(module)
    except BaseException as error:
        return f"{module}: {type(error).__name__}: {error}{_place(error, package)}"
    finally:
        sys.path.remove(package)
    return None


def _place(error: BaseException, package: str) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)]
        if not frames:
            return ""
        file, line = frames[-1].filename, frames[-1].lineno
    return f" ({file.removeprefix(package).lstrip('/')}, line {line})"


def main() -> int:
    """Exit code 0: the verdict is in the output."""
    os.environ.update(_ENVIRONMENT)
    pairs = (word.rpartition("=") for word in sys.argv[1:])
    print(json.dumps([why for package, _, module in pairs if (why := failure_of(package, module))]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
