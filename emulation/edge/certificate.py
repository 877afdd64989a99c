"""A certificate of the machine's own for https://localhost; made once, kept in the state directory."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from emulation.damage import DamagedStateError

_DAYS = 397
_RENEW_DAYS = 30


def ensure(folder: Path) -> tuple[Path, Path]:
    """Paths of certificate and key (PEM); they are made again when missing or about to expire.

    Raises:
        DamagedStateError: one of the two files is damaged.
    """
    certificate, key = folder / "localhost.pem", folder / "localhost.key"
    if certificate.exists() and key.exists():
        with _named(certificate, certificate, key):
            expiring = _expiring(certificate)
        with _named(key, certificate, key):
            serialization.load_pem_private_key(key.read_bytes(), None)
        if not expiring:
            return certificate, key
    folder.mkdir(parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(_issue(private).public_bytes(serialization.Encoding.PEM))
    return certificate, key


@contextlib.contextmanager
def _named(file: Path, *both: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, IsADirectoryError):
        found, lost = "expected PEM, found something else", "Browsers that trust this certificate will ask again"
        remedy = f"`rm -r {' '.join(map(str, both))}` and start again: both are made"
        raise DamagedStateError(file, found, lost, remedy) from None


def _expiring(path: Path) -> bool:
    found = x509.load_pem_x509_certificate(path.read_bytes())
    left = found.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return left < datetime.timedelta(days=_RENEW_DAYS)


def _issue(private: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
