"""Treats requests as sent by TLS, as on AWS, so that policies that require it accept them.

Without this, buckets with CDK's ``enforce_ssl`` and the assets bucket of ``cdk bootstrap`` refuse everybody.
Source: IAM User Guide, "AWS global condition context keys", ``aws:SecureTransport``.
"""

from __future__ import annotations

from emulation.emulator import seams


def count_as_tls() -> None:
    """HTTP on loopback stands for TLS."""
    app = seams.module("app")
    pin = app.pin_request_origin

    def pin_as_secure(source_ip: str, secure_transport: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_as_secure
