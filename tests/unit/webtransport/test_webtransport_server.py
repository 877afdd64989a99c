"""Supporting parts of the WebTransport server: its certificate, deployed routes, an authorizer's policy, aioquic."""

from __future__ import annotations

import base64
import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emulation.webtransport import certificate
from emulation.webtransport.deployed import SocketApi
from emulation.webtransport.functions import allows
from emulation.webtransport.quic import configuration

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
ARN = "arn:aws:execute-api:us-east-1:000000000000:a5c0de02/live/$connect"


def test_the_certificate_is_of_the_kind_that_browsers_take_by_its_hash(tmp_path: Path) -> None:
    """https://www.w3.org/TR/webtransport/#custom-certificate-requirements"""
    made = certificate.ensure(tmp_path, NOW)
    assert isinstance(made.key.curve, ec.SECP256R1)
    valid = made.certificate.not_valid_after_utc - made.certificate.not_valid_before_utc
    assert valid < datetime.timedelta(days=14)
    assert made.certificate.not_valid_before_utc < NOW < made.expires_at
    der = made.certificate.public_bytes(serialization.Encoding.DER)
    assert base64.b64decode(made.sha256) == hashlib.sha256(der).digest()
    assert certificate.file_in(tmp_path).stat().st_mode & 0o077 == 0
    assert configuration(str(certificate.file_in(tmp_path))).private_key is not None


def test_a_certificate_is_kept_until_it_is_due_and_then_renewed(tmp_path: Path) -> None:
    first = certificate.ensure(tmp_path, NOW)
    assert certificate.ensure(tmp_path, NOW + datetime.timedelta(days=8)).sha256 == first.sha256
    second = certificate.ensure(tmp_path, NOW + datetime.timedelta(days=10))
    assert second.sha256 != first.sha256
    assert second.expires_at > first.expires_at > NOW + datetime.timedelta(days=10), (
        "the old certificate is still valid"
    )
    certificate.file_in(tmp_path).write_bytes(b"broken")
    assert certificate.ensure(tmp_path, NOW).sha256 not in (first.sha256, second.sha256)


@pytest.mark.parametrize(
    ("frame", "route"),
    [
        ('{"action":"ping"}', "ping"), ('{"action":"chat.fly"}', "$default"), ('{"action":1}', "$default"),
        ("[]", "$default"), ("no json", "$default"), ("[" * 100_000, "$default"), ("", "$default"),
    ],
)  # fmt: skip
def test_a_frame_finds_its_route_as_the_api_says(frame: str, route: str) -> None:
    functions = {"ping": "arn:1", "$default": "arn:2"}
    api = SocketApi("a", frozenset({"live"}), "$request.body.action", functions, None, ())
    assert api.route_of(frame) == route


def statement(effect: str, resource: Any = ARN, action: Any = "execute-api:Invoke") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("policy", "let_in"),
    [
        ({"Statement": [statement("Allow")]}, True),
        ({"Statement": statement("Allow", ["arn:other", f"{ARN[:-9]}/*"], ["execute-api:*"])}, True),
        ({"Statement": [statement("Allow"), statement("Deny")]}, False),
        ({"Statement": [statement("Allow", "arn:aws:execute-api:us-east-1:000000000000:other/*")]}, False),
        ({"Statement": [statement("Allow", action="execute-api:ManageConnections")]}, False),
        ({"Statement": []}, False), ({}, False), (None, False), ("Allow", False),
    ],
)  # fmt: skip
def test_only_a_policy_that_allows_the_call_admits(policy: Any, let_in: bool) -> None:
    assert allows(policy, ARN) is let_in


def test_aioquic_has_the_private_attributes_that_the_server_reads() -> None:
    """``Connection.waiting`` reads private attributes of aioquic: this fails when a new version renames them."""
    quic = QuicConnection(configuration=QuicConfiguration(is_client=True))
    stream = quic.get_next_available_stream_id()
    quic.send_stream_data(stream, b"12345")
    sender = quic._streams[stream].sender
    assert sender._buffer_stop - sender._buffer_start == 5
    assert hasattr(quic, "_network_paths")
