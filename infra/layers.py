"""Builds Lambda layers from ``requirements/layer-*.txt``: one deterministic zip per content, made once."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from infra.archives import write_zip
from infra.interpreters import HOST_PYTHON, LAMBDA_PYTHON, interpreter

#: Part of every layer's hash: raise it when this module builds something else from the same requirements.
_RECIPE = "4"
#: Lambda's Python runs on Amazon Linux 2023 (glibc 2.34):
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_AWS_PLATFORM = "x86_64-manylinux_2_28"
#: Published without wheels; nothing in them is compiled, so what this machine builds runs there too.
_PURE_PYTHON_SOURCES = ("http-ece",)
_DROPPED_DIRECTORIES = frozenset({"tests", "test", "__pycache__", "bin"})
_DROPPED_SUFFIXES = frozenset({".pyi", ".c", ".pyx", ".md", ".rst"})


class LayerError(RuntimeError):
    """A layer could not be built; the message says why and how to fix it."""


@cache
def layer_zip(root: Path, name: str, *, for_aws: bool) -> Path:
    """The zip of ``requirements/layer-<name>.txt``, with everything below ``python/``.

    On AWS: wheels for x86-64 Linux and Lambda's Python. Locally: for this interpreter. Byte-compiled, because each
    execution environment would otherwise compile at its cold start what it imports: layers are read-only there. Without
    an interpreter of Lambda's version on this machine, a layer for AWS holds only sources, and prints a note.

    Raises:
        LayerError: no uv, or uv could not install the requirements.
    """
    requirements = root / "requirements" / f"layer-{name}.txt"
    if not requirements.exists():
        raise LayerError(f"layer {name!r}: expected {requirements.relative_to(root)}, which is not there")
    version = LAMBDA_PYTHON if for_aws else HOST_PYTHON
    compiler = interpreter(version)
    platform = f"{'aws-x86_64' if for_aws else 'host'}-py{version.replace('.', '')}{'' if compiler else '-source'}"
    digest = hashlib.sha256(b"\0".join([requirements.read_bytes(), platform.encode(), _RECIPE.encode()])).hexdigest()
    target = root / ".asyncsns" / "layers" / f"{name}-{platform}-{digest[:16]}.zip"
    if not target.exists():
        if compiler is None:
            sys.stderr.write(f"infra: no Python {version} here: the layer {name} will start without bytecode\n")
        _build(root, requirements, target, compiler, for_aws=for_aws)
    return target


def _build(root: Path, requirements: Path, target: Path, compiler: str | None, *, for_aws: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        site = Path(scratch) / "python"
        _install(_uv(root), requirements, site, for_aws=for_aws)
        _strip(site)
        if compiler:
            _compile(site, compiler)
        files = {str(file.relative_to(scratch)): file for file in sorted(site.rglob("*")) if file.is_file()}
        # Locally nobody waits for the transfer, but everybody for the compression of 200 MB.
        write_zip(target, files, level=6 if for_aws else 1)


def _uv(root: Path) -> str:
    pinned = root / ".asyncsns" / "tools" / "bin" / "uv"
    found = str(pinned) if pinned.exists() else shutil.which("uv")
    if not found:
        raise LayerError(f"uv: expected at {pinned} or on PATH; `make up` installs it, or `pip install uv`")
    return found


def _install(uv: str, requirements: Path, site: Path, *, for_aws: bool) -> None:
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(site), "-r", str(requirements)]
    if for_aws:
        command += ["--python-platform", _AWS_PLATFORM, "--python-version", LAMBDA_PYTHON, "--only-binary", ":all:"]
        for package in _PURE_PYTHON_SOURCES:
            command += ["--no-binary", package]
    else:
        command += ["--python", sys.executable, "--link-mode", "copy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise LayerError(f"{requirements.name}: uv could not install it:\n{done.stderr.strip()}")


def _environment() -> dict[str, str]:
    """Without the caller's virtual environment, which uv would take for the target."""
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}


def _strip(site: Path) -> None:
    for directory in [path for path in site.rglob("*") if path.is_dir() and path.name in _DROPPED_DIRECTORIES]:
        shutil.rmtree(directory, ignore_errors=True)
    for file in [path for path in site.rglob("*") if path.suffix in _DROPPED_SUFFIXES]:
        file.unlink()


def _compile(site: Path, compiler: str) -> None:
    """Hash-based and unchecked (PEP 552): valid whatever the time stamps become when the zip is unpacked."""
    options = ["-q", "-q", "-s", str(site.parent), "--invalidation-mode", "unchecked-hash"]
    # A module for another version of Python fails alone; it is never imported.
    subprocess.run([compiler, "-I", "-m", "compileall", *options, str(site)], check=False)


def main() -> None:
    """``python -m infra.layers``: build all for this interpreter, or for that of AWS Lambda, ahead of a deployment."""
    parser = argparse.ArgumentParser(prog="python -m infra.layers")
    parser.add_argument("--lambda-images", choices=("yes", "no"), default="no")
    for_aws = parser.parse_args().lambda_images == "yes"
    root = Path(__file__).resolve().parents[1]
    for requirements in sorted((root / "requirements").glob("layer-*.txt")):
        print(layer_zip(root, requirements.stem.removeprefix("layer-"), for_aws=for_aws).name)


if __name__ == "__main__":
    main()
