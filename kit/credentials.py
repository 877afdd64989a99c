"""Credentials of the emulator's root user: ``test``/``test``, or random ones on a shared machine.

``ASYNCSNS_CREDENTIALS=random make up`` makes them, once; they hold until ``ASYNCSNS_CREDENTIALS=test make up``. The AWS
CLI and SDKs read their file, which is the user's alone, by the profile in it. Standard library only.
"""

from __future__ import annotations

import os
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

from emulation.signature import Credentials

#: ``AWS_PROFILE`` for the file.
PROFILE = "asyncsns"
VARIABLE, CHOICES = "ASYNCSNS_CREDENTIALS", ("test", "random")
_KEY_LETTERS, _SECRET_LETTERS = string.ascii_uppercase + string.digits, string.ascii_letters + string.digits


def choose(file: Path, settings: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> None:
    """Make or remove the file as the variable says; without it nothing changes.

    ``settings`` (region, endpoint) go into the profile.

    Raises:
        ValueError: the variable is neither ``test`` nor ``random``.
    """
    chosen = environ.get(VARIABLE, "")
    if chosen and chosen not in CHOICES:
        raise ValueError(f"{VARIABLE}: expected {' or '.join(CHOICES)}, got {chosen!r}")
    if chosen == "test":
        file.unlink(missing_ok=True)
    elif chosen == "random" or file.exists():
        _write(file, read(file) or _random(), settings)


def read(file: Path) -> Credentials | None:
    """The credentials in the file; None without a file.

    Raises:
        ValueError: the file has no such profile, or not both keys.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return None
    import configparser  # most often there is no file, and this is read at each command

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(f"{file}: expected a file of AWS credentials, got: {error.message}") from error
    try:
        return Credentials(parser[PROFILE]["aws_access_key_id"], parser[PROFILE]["aws_secret_access_key"])
    except KeyError as error:
        expected = f"expected [{PROFILE}] with aws_access_key_id and aws_secret_access_key"
        raise ValueError(f"{file}: {expected}, found no {error}; remove the file and make new ones") from None


def _random() -> Credentials:
    """Random credentials in AWS's form: 20 characters, 40 characters."""
    key = "AKIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16))
    return Credentials(key, "".join(secrets.choice(_SECRET_LETTERS) for _ in range(40)))


def _write(file: Path, credentials: Credentials, settings: Mapping[str, str]) -> None:
    lines = [f"[{PROFILE}]", *(f"{name} = {value}" for name, value in credentials.for_boto3().items())]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write("\n".join([*lines, ""]))
    temporary.replace(file)
