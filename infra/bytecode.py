"""Bytecode of the functions' modules for Lambda's Python: each module is compiled once for each content."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from infra.interpreters import LAMBDA_PYTHON, interpreter

#: Hash-based and unchecked (PEP 552): valid whatever the time stamps become when the zip is unpacked.
_PROGRAM = """
import json, py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for source, target, name in json.load(sys.stdin):
    py_compile.compile(source, target, name, invalidation_mode=mode)
"""


def bytecode_of(root: Path, files: Mapping[str, Path]) -> dict[str, Path]:
    """Path inside the package → file, of the bytecode of ``files`` (path inside the package → source).

    A source that does not compile has none. Without an interpreter of Lambda's version on this machine there is none at
    all, and a note is printed.
    """
    compiler = interpreter(LAMBDA_PYTHON)
    if compiler is None:
        _note_absence()
        return {}
    folder = root / ".asyncsns" / "bytecode" / LAMBDA_PYTHON
    sources = {name: path for name, path in files.items() if name.endswith(".py")}
    kept = {name: folder / f"{_key(name, path)}.pyc" for name, path in sources.items()}
    missing = [(str(sources[name]), str(path), name) for name, path in kept.items() if not path.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        # The order of a set's members, which is a part of bytecode, depends on it.
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        command = [compiler, "-c", _PROGRAM]
        subprocess.run(command, input=json.dumps(missing), text=True, check=True, env=environment)
    return {_place(name): path for name, path in kept.items() if path.exists()}


def _key(name: str, path: Path) -> str:
    return hashlib.sha256(name.encode() + b"\0" + path.read_bytes()).hexdigest()[:32]


def _place(name: str) -> str:
    source = PurePosixPath(name)
    return str(source.parent / "__pycache__" / f"{source.stem}.cpython-{LAMBDA_PYTHON.replace('.', '')}.pyc")


@cache
def _note_absence() -> None:
    sys.stderr.write(f"infra: no Python {LAMBDA_PYTHON} here: functions will start without bytecode\n")
