"""The media bucket in S3: permits to upload, and the processor's reads and writes."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from services.common.aws import client, link_signer

#: Links to what needs a signature live an hour or two; CloudFront may keep the object itself.
_PRIVATE_CACHE = "max-age=7200, s-maxage=31536000, immutable"
#: Longer than events of one moment are apart.
DISCARD_SECONDS = 3
_CHUNK_BYTES = 1024 * 1024
#: CloudFront works on 15 paths with a wildcard at a time, of all invalidations together, and refuses more.
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MOST_PATHS = 5
SERVED = "media/"
_PUBLIC_CACHE = "public, max-age=31536000, immutable"


class MediaStorage:
    """Reads and writes the bucket.

    Args:
        public_endpoint: where browsers send uploads to, when that differs from the S3 endpoint of the function.
    """

    def __init__(self, bucket: str, public_endpoint: str = "") -> None:
        self.bucket = bucket
        self._public_endpoint = public_endpoint or None

    def permit(self, key: str, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        """An S3 POST policy: ``{url, fields}``; S3 itself refuses another key or type, and too much content.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        public = link_signer(self._public_endpoint)
        permit: dict[str, Any] = public.generate_presigned_post(
            Bucket=self.bucket,
            Key=key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return permit

    def find(self, key: str) -> tuple[int, str] | None:
        """Bytes and ETag of an object; ``None`` when it is gone."""
        try:
            found = client("s3").head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise
        return int(found["ContentLength"]), str(found["ETag"])

    def fetch(self, key: str, tag: str, path: Path) -> bool:
        """Download the object with this ETag to ``path``; ``False`` when the object differs or is gone."""
        try:
            body = client("s3").get_object(Bucket=self.bucket, Key=key, IfMatch=tag)["Body"]
        except ClientError as error:
            if _status(error) in (404, 412):
                return False
            raise
        with path.open("wb") as file:
            shutil.copyfileobj(body, file, _CHUNK_BYTES)
        return True

    def store(self, path: Path, key: str, content_type: str) -> None:
        """Upload a served file, once: caches may hold it, so an existing object stays.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        extra = {"ContentType": content_type, "CacheControl": _PRIVATE_CACHE, "IfNoneMatch": "*"}
        try:
            with path.open("rb") as file:
                client("s3").put_object(Bucket=self.bucket, Key=key, Body=file, **extra)
        except ClientError as error:
            if _status(error) != 412:
                raise

    def remove(self, key: str) -> None:
        """Delete an object; without effect when it is gone."""
        client("s3").delete_object(Bucket=self.bucket, Key=key)

    def copy(self, source: str, target: str, content_type: str) -> None:
        """Copy a picture to its public path."""
        client("s3").copy_object(
            Bucket=self.bucket,
            Key=target,
            CopySource={"Bucket": self.bucket, "Key": source},
            MetadataDirective="REPLACE",
            ContentType=content_type,
            CacheControl=_PUBLIC_CACHE,
        )

    def remove_below(self, prefix: str) -> int:
        """Delete all objects with this prefix; how many there were."""
        found = client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents") or []
        for one in found:
            self.remove(one["Key"])
        return len(found)

    def names(self, prefix: str) -> Iterator[str]:
        """Keys of all objects with this prefix."""
        for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from (one["Key"] for one in page.get("Contents") or ())

    def chunks(self, key: str) -> Iterator[bytes]:
        """The content of an object, a megabyte at a time."""
        yield from client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].iter_chunks(_CHUNK_BYTES)

    def begin_parts(self, key: str, content_type: str) -> str:
        """Start a multipart upload; returns S3's id.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
        """
        answer = client("s3").create_multipart_upload(Bucket=self.bucket, Key=key, ContentType=content_type)
        return str(answer["UploadId"])

    def part_url(self, key: str, upload_id: str, number: int, size: int, seconds: int) -> str:
        """Where to PUT one part of exactly ``size`` bytes."""
        part = {"Key": key, "UploadId": upload_id, "PartNumber": number, "ContentLength": size}
        public = link_signer(self._public_endpoint)
        url: str = public.generate_presigned_url(
            "upload_part", Params={"Bucket": self.bucket, **part}, ExpiresIn=seconds
        )
        return url

    def parts(self, key: str, upload_id: str) -> dict[int, int] | None:
        """Part number → bytes of uploaded parts; ``None`` when the upload is unknown to S3 or has ended."""
        found = self._list_parts(key, upload_id)
        return None if found is None else {number: int(part["Size"]) for number, part in found.items()}

    def complete_parts(self, key: str, upload_id: str) -> None:
        """Complete the upload; S3 notifies of the object as of any other."""
        found = self._list_parts(key, upload_id) or {}
        parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in sorted(found.items())]
        client("s3").complete_multipart_upload(
            Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Drop the parts; without effect when there are none."""
        try:
            client("s3").abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise

    def _list_parts(self, key: str, upload_id: str) -> dict[int, Mapping[str, Any]] | None:
        try:
            answer = client("s3").list_parts(Bucket=self.bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchUpload":
                return None
            raise
        return {int(part["PartNumber"]): part for part in answer.get("Parts") or []}


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


class ServedMedia(MediaStorage):
    """The bucket with CloudFront before it; ``access_parameter`` names the distribution."""

    def __init__(self, bucket: str, access_parameter: str) -> None:
        super().__init__(bucket)
        self._access_parameter = access_parameter

    def forget(self, prefixes: Iterable[str]) -> None:
        """Have CloudFront drop its copies of objects with these prefixes.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html
        """
        paths = sorted({f"/{prefix}*" for prefix in prefixes})
        if len(paths) > MOST_PATHS:
            # One path for all: other media are fetched from S3 once more.
            paths = [f"/{SERVED}*"]
        where = json.loads(client("ssm").get_parameter(Name=self._access_parameter)["Parameter"]["Value"])
        batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": f"{paths[0]}-{time.time_ns()}"}
        client("cloudfront").create_invalidation(DistributionId=where["distributionId"], InvalidationBatch=batch)


def discard_later(queue_url: str, media_id: str) -> None:
    """Send a medium that nothing shows to the keeper's own queue, after which it looks again."""
    body = json.dumps({"discard": media_id})
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=body, DelaySeconds=DISCARD_SECONDS)
