"""``make synth TARGET=…``: the templates of a target in a folder of their own. No account, no credentials, no change.

On AWS the account is the one of AWS's own examples, so that the result is the same everywhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from emulation.private import keep_private
from emulation.settings import ACCOUNT
from kit.deploy.incremental import Deployment, app_environment
from kit.settings import Settings
from kit.stamps import Stamp, fingerprint

AWS: Final = "aws"
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
EXAMPLE_ACCOUNT: Final = "111122223333"
_KEY_VARIABLE: Final = "ASYNCSNS_MEDIA_PUBLIC_KEY"


def synthesize(settings: Settings, target: str, account: str = "") -> Path:
    """The assembly of ``target``; made again only when its sources or the environment changed.

    Args:
        account: where it is to be deployed; without it, one that is nobody's.

    Raises:
        CalledProcessError: the app failed; its output went to standard error.
    """
    folder = settings.home / "synth" / target
    given = dict(os.environ)
    if target == AWS and not given.get(_KEY_VARIABLE):
        given[_KEY_VARIABLE] = str(_example_key(settings))
    account = account or (EXAMPLE_ACCOUNT if target == AWS else ACCOUNT)
    chosen = sorted(f"{name}={value}" for name, value in given.items() if name.startswith("ASYNCSNS_"))
    stamp = Stamp(
        settings.home / "stamps" / f"synth-{target}",
        fingerprint([], Deployment(settings, target).source_hash, account, *chosen),
    )
    if stamp.is_current() and (folder / "manifest.json").exists():
        return folder
    stamp.clear()
    command = [sys.executable, "-m", "infra.app"]
    environment = given | app_environment(settings, folder, target, account)
    subprocess.run(command, cwd=settings.root, env=environment, check=True)
    stamp.write()
    return folder


def _example_key(settings: Settings) -> Path:
    """A public key for media links whose private half is thrown away: good for templates, not for a deployment."""
    file = settings.home / "synth" / "example-media.pub.pem"
    if not file.exists():
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def main(arguments: list[str] | None = None) -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit.deploy.synth", description=__doc__)
    parser.add_argument("--target", default=os.environ.get("TARGET") or AWS, choices=("embedded", "compose", AWS))
    options = parser.parse_args(arguments)
    settings = Settings.load()
    try:
        folder = synthesize(settings, options.target)
    except subprocess.CalledProcessError as error:
        return error.returncode or 1
    templates = sorted(folder.glob("*.template.json"))
    print(f"{len(templates)} templates for {options.target} in {folder.relative_to(settings.root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
