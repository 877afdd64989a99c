"""Runs LocalStack as a local process, without Docker: the contents of its image are set up in a folder.

DynamoDB Local and its Java runtime are in LocalStack's image and in no package registry. Here moto, which is part of
LocalStack's environment, replaces it: a program named ``java`` that starts moto on the given port.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from emulation.settings import ACCOUNT, HOST, Settings

ROOT: Final = Path(__file__).resolve().parents[2]
#: Where Python finds the plugins: their entry points, and the modules that these name.
PYTHON_PATH: Final = (ROOT, Path(__file__).resolve().parent / "plugins")
#: Variables that a process of LocalStack may inherit: none of AWS's clients, and none of another LocalStack.
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
_LIBRARIES: Final = Path("var/lib/localstack/lib")
#: LocalStack would download it at the first call of Kinesis or of a table's stream; the kit installs it.
KINESIS: Final = Path(__file__).resolve().parent / "kinesis"
_KINESIS_VERSION: Final = "0.5.2"
#: Preloaded by Node, because Kinesis has no option for its address.
LOOPBACK: Final = KINESIS / "loopback.cjs"
_JAVA: Final = """#!/bin/sh
# LocalStack starts DynamoDB Local by this name; moto answers instead.
while [ $# -gt 0 ]; do
  [ "$1" = -port ] && port=$2
  shift
done
# LocalStack names the account with requests that it passes on, and not with its own: for moto they are of one.
export MOTO_ACCOUNT_ID={account} PYTHONPATH={root}
exec {python} -m emulation.localstack.tables -H 127.0.0.1 -p "$port"
"""


def prepare(settings: Settings) -> Path:
    """The folder that replaces the image's file system."""
    root = settings.state / "localstack"
    java = root / _LIBRARIES / "java" / "21" / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(
        _JAVA.format(python=shlex.quote(sys.executable), account=ACCOUNT, root=shlex.quote(str(ROOT))), "utf-8"
    )
    java.chmod(0o700)
    jar = root / _LIBRARIES / "dynamodb-local" / "2" / "DynamoDBLocal.jar"
    jar.parent.mkdir(parents=True, exist_ok=True)
    jar.touch()
    kinesis = root / _LIBRARIES / "kinesis-local" / _KINESIS_VERSION
    if not kinesis.is_symlink():
        kinesis.parent.mkdir(parents=True, exist_ok=True)
        kinesis.symlink_to(KINESIS)
    (root / "tmp").mkdir(exist_ok=True)
    return root


def environment(settings: Settings, root: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """LocalStack's variables, and those of ``emulation`` for the plugins.

    Source: https://docs.localstack.cloud/references/configuration/
    """
    port = settings.port("localstack")
    kept = {name: value for name, value in environ.items() if name in _INHERITED or name.startswith("EMULATION_")}
    return kept | {
        "PYTHONPATH": os.pathsep.join(map(str, PYTHON_PATH)),
        # It looks like a container where /.dockerenv exists, and would write into /var/lib.
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(root),
        "TMPDIR": str(root / "tmp"),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        # Ours: LocalStack's server ignores its setting and listens on all interfaces.
        "GATEWAY_SERVER": "loopback",
        "NODE_OPTIONS": f"--require {json.dumps(str(LOOPBACK))}",
        # In the addresses that it gives out, like those of queues.
        "LOCALSTACK_HOST": f"localhost:{settings.port('emulator')}",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # Links of S3 are checked: see ``signatures``.
        "S3_SKIP_SIGNATURE_VALIDATION": "0",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        # An idle environment ends after two minutes, not ten: each is a process.
        "LAMBDA_KEEPALIVE_MS": "120000",
        # A busy machine needs longer than its 20 seconds to start one.
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "60",
        # The default of `domain` needs names below localhost, which not every machine resolves.
        "OPENSEARCH_ENDPOINT_STRATEGY": "path",
        "OPENSEARCH_CUSTOM_BACKEND": settings.url("search"),
    }
