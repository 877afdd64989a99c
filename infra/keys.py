"""Key pairs that the system signs with: made once locally; on AWS the deployer supplies them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_ssm as ssm

from infra.constants import PUSH_PUBLIC_PARAMETER
from infra.constructs.stack import ROOT, AppStack


@dataclass(frozen=True)
class PushKeys:
    """A VAPID pair (RFC 8292), both base64url: the private scalar, the uncompressed public point."""

    private: str
    public: str


def push_public_key(stack: AppStack) -> str:
    """Locally from ``.asyncsns/keys``, where the pair is made when missing; on AWS a parameter. The private key is a
    secret on both, made before the first deployment (docs/infra.md) or by the finish step."""
    if stack.target.emulated:
        return local_push_keys(ROOT / ".asyncsns" / "keys" / "web-push.json").public
    return ssm.StringParameter.value_for_string_parameter(stack, PUSH_PUBLIC_PARAMETER)


def local_push_keys(file: Path) -> PushKeys:
    """Read the pair, or make it: outside the emulator's state, so that subscriptions of browsers survive a reset.

    The file is written atomically, and an existing one is kept: programs that start together share one pair.

    Raises:
        ValueError: the file holds no pair. A new pair would cut off every subscribed browser, so a person has to
            decide.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8") as whole:  # mode 0600
            whole.write(json.dumps(_new_pair()))
            whole.flush()
            with contextlib.suppress(FileExistsError):
                os.link(whole.name, file)
    try:
        return PushKeys(**json.loads(file.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{file} is damaged: expected a pair of keys for Web Push (JSON with private and public), got {error}. Put "
            "a copy of it back; or remove it, and a new pair is made: then people switch notifications on again"
        ) from None


def _new_pair() -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    return {"private": _text(scalar), "public": _text(point)}


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
