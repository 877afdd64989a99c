"""The distribution that ``make up`` deployed, with access as a viewer and as its owner."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest

from emulation.settings import REGION
from infra.constants import MEDIA_ACCESS_PARAMETER
from kit.client import Endpoints
from kit.settings import Settings

IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class DeployedEdge:
    """``base`` is CloudFront's URL; files that a test puts into the buckets are removed afterwards."""

    endpoints: Endpoints
    client: httpx.Client
    made: list[tuple[str, str]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.endpoints.base_url

    @property
    def ui_bucket(self) -> str:
        return str(self.endpoints.document["outputs"]["UiBucket"])

    @property
    def media_bucket(self) -> str:
        return str(self.endpoints.document["outputs"]["MediaBucket"])

    @property
    def distribution(self) -> str:
        return str(self.endpoints.document["distribution"]["id"])

    def aws(self, service: str) -> Any:
        """The owner's client for an AWS service."""
        return boto3.client(
            service,
            endpoint_url=self.endpoints.emulator_url,
            region_name=REGION,
            **Settings.load().emulation.credentials.for_boto3(),
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(self.base + path, headers={name.replace("_", "-"): one for name, one in headers.items()})

    def page(self, body: bytes, content_type: str = "text/css", cache: str = IMMUTABLE, name: str = "") -> str:
        """Put a new object into the UI bucket; returns its path."""
        return self.put(self.ui_bucket, name or f"contract/{uuid.uuid4().hex}.bin", body, content_type, cache)

    def medium(self, body: bytes, *, private: bool, content_type: str = "image/jpeg") -> str:
        """Put a new object where media are served; returns its path."""
        folder = "media/private" if private else "media/public"
        return self.put(self.media_bucket, f"{folder}/{uuid.uuid4().hex}/a.jpg", body, content_type, IMMUTABLE)

    def put(self, bucket: str, key: str, body: bytes, content_type: str, cache: str) -> str:
        put = {"Bucket": bucket, "Key": key, "Body": body, "ContentType": content_type, "CacheControl": cache}
        self.aws("s3").put_object(**put)
        if (bucket, key) not in self.made:
            self.made.append((bucket, key))
        return f"/{key}"

    def invalidate(self, *paths: str) -> None:
        batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": uuid.uuid4().hex}
        self.aws("cloudfront").create_invalidation(DistributionId=self.distribution, InvalidationBatch=batch)

    def signer(self) -> tuple[str, str, str]:
        """The signing values of the deployed functions: the origin of links, the key's id, the private key (PEM)."""
        value = self.aws("ssm").get_parameter(Name=MEDIA_ACCESS_PARAMETER)["Parameter"]["Value"]
        access: dict[str, str] = json.loads(value)
        return access["origin"], access["keyPairId"], (Settings.load().home / "keys" / "media.pem").read_text()

    def close(self) -> None:
        for bucket, key in self.made:
            self.aws("s3").delete_object(Bucket=bucket, Key=key)
        self.client.close()


@pytest.fixture
def deployed_edge() -> Iterator[DeployedEdge]:
    made = DeployedEdge(Endpoints.load(), httpx.Client(timeout=60))
    yield made
    made.close()
