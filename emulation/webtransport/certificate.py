"""The server's certificate: of the kind that browsers take by its hash alone, without an authority.

https://www.w3.org/TR/webtransport/#custom-certificate-requirements: ECDSA on P-256, valid for at most 14 days.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = datetime.timedelta(days=13)
_RENEWED_BEFORE = datetime.timedelta(days=4)


@dataclass(frozen=True)
class Certificate:
    """Certificate and private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def sha256(self) -> str:
        """Base64 of the hash of its DER: ``value`` of an entry of ``serverCertificateHashes``."""
        return base64.b64encode(self.certificate.fingerprint(hashes.SHA256())).decode()

    @property
    def expires_at(self) -> datetime.datetime:
        return self.certificate.not_valid_after_utc

    def is_due(self, now: datetime.datetime) -> bool:
        """Whether it is time for another."""
        return self.expires_at - now < _RENEWED_BEFORE


def file_in(folder: Path) -> Path:
    """PEM of the certificate and, after it, the key."""
    return folder / "webtransport.pem"


def ensure(folder: Path, now: datetime.datetime | None = None) -> Certificate:
    """The one in ``folder``, or a new one where there is none or it is due; it survives restarts."""
    now = now or datetime.datetime.now(datetime.UTC)
    file = file_in(folder)
    found = _read(file)
    if found is not None and not found.is_due(now):
        return found
    made = _issue(now)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(_pem(made))
    temporary.replace(file)
    return made


def _read(file: Path) -> Certificate | None:
    try:
        content = file.read_bytes()
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
    except (OSError, ValueError):
        return None
    return Certificate(certificate, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _pem(made: Certificate) -> bytes:
    key = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.certificate.public_bytes(serialization.Encoding.PEM) + key


def _issue(now: datetime.datetime) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
    # An hour back, for clocks that differ: the browser counts from there.
    begins = now - datetime.timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Certificate(certificate, key)
