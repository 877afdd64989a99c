"""CloudFront's trusted key group where CloudFormation cannot make it: which signatures open private media.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.constants import MEDIA_ACCESS_PARAMETER, MEDIA_SIGNING_SECRET, SERVED, SERVED_PUBLIC, physical
from kit.deploy.cdk import DeployFailed
from kit.deploy.resources import Aws
from kit.shared_secret import kept

NAME = physical("media")


def local_key(file: Path) -> str:
    """The public half (PEM) of the key pair in ``file``, which is made when missing. It outlives a reset."""
    return kept(file, _new_pair, _public_half)


def _new_pair() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_half(pair: bytes) -> str:
    public = serialization.load_pem_private_key(pair, None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def trust_key(aws: Aws, distribution: str, public_key: str) -> str:
    """Make key and key group unless there, and have all media but public ones trust the group; returns the key's id.

    Raises:
        DeployFailed: the distribution has no behaviour for such media.
    """
    client = aws.client("cloudfront")
    key_id = _key(client, public_key)
    group = _group(client, key_id)
    answer = client.get_distribution_config(Id=distribution)
    config: dict[str, Any] = answer["DistributionConfig"]
    private = [b for b in config.get("CacheBehaviors", {}).get("Items", []) if needs_signature(b["PathPattern"])]
    if not private:
        raise DeployFailed(f"distribution {distribution}: expected a behaviour for /{SERVED}*, got none")
    wanted = {"Enabled": True, "Quantity": 1, "Items": [group]}
    if any(behavior.get("TrustedKeyGroups") != wanted for behavior in private):
        for behavior in private:
            behavior["TrustedKeyGroups"] = wanted
            # What the template says until now, so that nothing is open meanwhile.
            behavior["TrustedSigners"] = {"Enabled": False, "Quantity": 0}
        client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config)
    return key_id


def hand_out(aws: Aws, key_file: Path, access: dict[str, str]) -> None:
    """Store what signing functions read: the private key as a secret, the rest as a parameter. On AWS the deployer
    supplies the secret, and the edge stack makes the parameter."""
    keep_secret(aws, MEDIA_SIGNING_SECRET, key_file.read_text("ascii"))
    value = json.dumps(access)
    aws.client("ssm").put_parameter(Name=MEDIA_ACCESS_PARAMETER, Value=value, Type="String", Overwrite=True)


def keep_secret(aws: Aws, name: str, value: str) -> None:
    """Store the value under this secret's name; on AWS the secret is made before the deployment."""
    secrets = aws.client("secretsmanager")
    try:
        if secrets.get_secret_value(SecretId=name)["SecretString"] != value:
            secrets.put_secret_value(SecretId=name, SecretString=value)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        secrets.create_secret(Name=name, SecretString=value)


def needs_signature(pattern: str) -> bool:
    """Whether a path pattern is of media that are not public."""
    path = pattern.removeprefix("/")
    return path.startswith(SERVED) and path != f"{SERVED_PUBLIC}*"


def _key(client: Any, public_key: str) -> str:
    """Keys never change under their id: another key gets a name of its own."""
    listed = client.list_public_keys().get("PublicKeyList", {}).get("Items", [])
    for row in listed:
        if row.get("EncodedKey", "").strip() == public_key.strip():
            return str(row["Id"])
    config = {"CallerReference": f"{NAME}-{len(listed)}", "Name": f"{NAME}-{len(listed)}", "EncodedKey": public_key}
    return str(client.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])


def _group(client: Any, key_id: str) -> str:
    config = {"Name": NAME, "Items": [key_id]}
    for row in client.list_key_groups().get("KeyGroupList", {}).get("Items", []):
        found = row["KeyGroup"]
        if found["KeyGroupConfig"]["Name"] == NAME:
            if found["KeyGroupConfig"].get("Items") != [key_id]:
                etag = client.get_key_group(Id=found["Id"])["ETag"]
                client.update_key_group(Id=found["Id"], IfMatch=etag, KeyGroupConfig=config)
            return str(found["Id"])
    return str(client.create_key_group(KeyGroupConfig=config)["KeyGroup"]["Id"])
