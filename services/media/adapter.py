"""The media bucket in S3: permits to upload, and what the processor reads and writes."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from services.common.aws import client
from services.common.settings import settings


class MediaStorage:
    """The one who knows the bucket."""

    def __init__(self, bucket: str | None = None) -> None:
        self._given = bucket

    @cached_property
    def bucket(self) -> str:
        return self._given or settings().require("bucket_media")

    def permit(self, key: str, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        """An S3 POST policy: ``{url, fields}``; S3 itself refuses another key or type, and too much content.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        public = client("s3", settings().s3_public_endpoint or None)
        permit: dict[str, Any] = public.generate_presigned_post(
            Bucket=self.bucket,
            Key=key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return permit

    def size(self, key: str) -> int | None:
        """Bytes of an object; ``None`` when it is gone."""
        try:
            return int(client("s3").head_object(Bucket=self.bucket, Key=key)["ContentLength"])
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def fetch(self, key: str, path: Path) -> None:
        """Download an object to ``path``."""
        client("s3").download_file(self.bucket, key, str(path))

    def store(self, path: Path, key: str, content_type: str) -> None:
        """Upload what is served. A medium never changes, so caches may keep it."""
        extra = {"ContentType": content_type, "CacheControl": "public, max-age=31536000, immutable"}
        client("s3").upload_file(str(path), self.bucket, key, ExtraArgs=extra)

    def remove(self, key: str) -> None:
        """Delete an object; without effect when it is gone."""
        client("s3").delete_object(Bucket=self.bucket, Key=key)
