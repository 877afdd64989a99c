"""Key pairs that the system signs with: made once locally, brought by whoever deploys on AWS."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from infra.constants import PREFIX
from infra.constructs.stack import ROOT, AppStack

#: On AWS, made before the first deployment (docs/infra.md): a secret ``{"private": …, "public": …}``, and the public
#: key once more as a parameter, because an output may not name a secret.
PUSH_SECRET = f"{PREFIX}/web-push"
PUSH_PUBLIC_PARAMETER = f"/{PREFIX}/web-push/public-key"


@dataclass(frozen=True)
class PushKeys:
    """A VAPID pair (RFC 8292), both base64url: the private scalar, the uncompressed public point."""

    private: str
    public: str


def push_keys(stack: AppStack) -> PushKeys:
    """Locally from ``.asyncsns/keys``, made there when missing; on AWS by reference to Secrets Manager."""
    if stack.target.emulated:
        return local_push_keys(ROOT / ".asyncsns" / "keys" / "web-push.json")
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "WebPushSecret", PUSH_SECRET)
    public = ssm.StringParameter.value_for_string_parameter(stack, PUSH_PUBLIC_PARAMETER)
    return PushKeys(secret.secret_value_from_json("private").unsafe_unwrap(), public)


def local_push_keys(file: Path) -> PushKeys:
    """Read the pair, or make it: outside the emulator's state, so that subscriptions of browsers survive a reset.

    The file appears whole or not at all, and the first one stays: programs that start together share one pair.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8") as whole:  # mode 0600
            whole.write(json.dumps(_new_pair()))
            whole.flush()
            with contextlib.suppress(FileExistsError):
                os.link(whole.name, file)
    return PushKeys(**json.loads(file.read_text("utf-8")))


def _new_pair() -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    return {"private": _text(scalar), "public": _text(point)}


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
