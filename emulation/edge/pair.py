"""Looks at the edge's certificate and key. Standard library only: `make doctor` needs no installed package."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

from emulation.damage import DamagedStateError

CERTIFICATE, KEY = "localhost.pem", "localhost.key"
_NOT_PEM = "expected PEM, found something else"
_PEM_KEY = re.compile(rb"\s*-----BEGIN [A-Z ]+-----([A-Za-z0-9+/=\s]+)-----END [A-Z ]+-----\s*")
_LOST = "Browsers that trust this certificate will ask again"


def damage(folder: Path) -> Iterator[DamagedStateError]:
    """The damaged ones of both files. Where one is missing the edge makes both again; where both are, it begins."""
    certificate, key = folder / CERTIFICATE, folder / KEY
    there = [file for file in (certificate, key) if file.exists()]
    if not there:
        return
    found = {certificate: _of_certificate(certificate), key: _of_key(key)}
    if not any(found.values()):
        found = _of_both(certificate, key)
    remedy = f"`rm -r {' '.join(map(str, there))}` and start again: both are made"
    for file, what in found.items():
        if what:
            yield DamagedStateError(file, what if file.exists() else "it is missing", _LOST, remedy)


def _of_certificate(file: Path) -> str:
    try:
        _context().load_verify_locations(file)
    except OSError:  # OpenSSL's errors, and those of a folder
        return _NOT_PEM
    return ""


def _of_key(file: Path) -> str:
    """Its form alone: OpenSSL reads a key only with its certificate."""
    form = _PEM_KEY.fullmatch(file.read_bytes()) if file.is_file() else None
    try:
        return "" if form and base64.b64decode(b"".join(form[1].split()), validate=True) else _NOT_PEM
    except ValueError:
        return _NOT_PEM


def _of_both(certificate: Path, key: Path) -> dict[Path, str]:
    try:
        # Without a password OpenSSL would ask for one.
        _context().load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return {key: f"it is not the key of {certificate.name}"}
        return {certificate if error.reason else key: _NOT_PEM}
    return {}


def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
