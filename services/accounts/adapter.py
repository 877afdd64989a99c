"""The bucket of exports in S3, and the user pool in Cognito."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from services.common.aws import client, link_signer
from services.common.lazy_dataclasses import dataclass

#: S3 takes parts of at least 5 MB, except for the last.
_PART_BYTES = 8 * 1024 * 1024


class ObjectWriter:
    """A file that is written to S3 by multipart upload, without disk and with bounded memory.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """

    def __init__(self, bucket: str, key: str, content_type: str) -> None:
        self._where = {"Bucket": bucket, "Key": key}
        self._upload = client("s3").create_multipart_upload(**self._where, ContentType=content_type)["UploadId"]
        self._buffer = bytearray()
        self._parts: list[dict[str, Any]] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= _PART_BYTES:
            self._send(bytes(self._buffer[:_PART_BYTES]))
            del self._buffer[:_PART_BYTES]
        return len(data)

    def flush(self) -> None:
        """Parts are sent when they are full."""

    def close(self) -> None:
        """Complete the upload, which creates the object."""
        self._send(bytes(self._buffer))
        client("s3").complete_multipart_upload(
            **self._where, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )

    def abort(self) -> None:
        client("s3").abort_multipart_upload(**self._where, UploadId=self._upload)

    def _send(self, part: bytes) -> None:
        number = len(self._parts) + 1
        sent = client("s3").upload_part(**self._where, UploadId=self._upload, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})


@dataclass(frozen=True)
class Link:
    """A URL, and the headers that requests for it must send."""

    url: str
    headers: dict[str, str]


class ExportStorage:
    """Reads and writes the bucket of exports.

    Args:
        public_endpoint: where browsers fetch them, when that differs from the S3 endpoint of the function.
    """

    def __init__(self, bucket: str, public_endpoint: str = "") -> None:
        self.bucket = bucket
        self._public_endpoint = public_endpoint or None

    def writer(self, key: str) -> ObjectWriter:
        return ObjectWriter(self.bucket, key, "application/zip")

    def link(self, key: str, name: str, seconds: int) -> Link:
        """A signed URL that works for so long with a header that is not part of it, and offers the file as ``name``.

        S3 sends the file where ``If-None-Match`` names another version than the stored one: a random name is another.
        The signature covers the header, so that the URL alone opens nothing.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
        """
        public = link_signer(self._public_endpoint)
        disposition = f'attachment; filename="{name}"'
        never = f'"{secrets.token_urlsafe(24)}"'
        wanted = {"Bucket": self.bucket, "Key": key, "ResponseContentDisposition": disposition, "IfNoneMatch": never}
        url = public.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)
        return Link(url, {"If-None-Match": never})

    def remove_all(self, user_id: str) -> int:
        """Delete every export of a person; returns how many."""
        return remove_below(self.bucket, f"{user_id}/")


class UserPool:
    """The user pool's accounts."""

    def __init__(self, pool_id: str) -> None:
        self._pool_id = pool_id

    def sign_out(self, user_id: str) -> bool:
        """Revoke all tokens; ``False`` when the account is gone. The gateway takes access tokens until they expire.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html
        """
        cognito = client("cognito-idp")
        try:
            cognito.admin_user_global_sign_out(UserPoolId=self._pool_id, Username=user_id)
        except cognito.exceptions.UserNotFoundException:
            return False
        return True

    def remove(self, user_id: str) -> bool:
        """Sign out everywhere and delete; ``False`` when it is gone already."""
        pool = {"UserPoolId": self._pool_id, "Username": user_id}
        cognito = client("cognito-idp")
        try:
            cognito.admin_delete_user(**pool)
        except cognito.exceptions.UserNotFoundException:
            return False
        return True


def remove_below(bucket: str, prefix: str) -> int:
    """Delete all objects whose key begins with ``prefix``; returns how many."""
    count = 0
    for page in _pages(bucket, prefix):
        objects = [{"Key": key} for key in page]
        client("s3").delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        count += len(page)
    return count


def _pages(bucket: str, prefix: str) -> Iterator[list[str]]:
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        keys = [one["Key"] for one in page.get("Contents") or ()]
        if keys:
            yield keys
