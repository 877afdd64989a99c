"""Moves public pictures to where they are served: until ``SERVED_PUBLIC`` was made they were at ``media/<medium>/``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.constants import MEDIA_URL_PREFIX, SERVED, SERVED_PRIVATE, SERVED_PUBLIC, physical
from local.deploy.resources import Aws

#: Items that hold the address of a picture: profiles, and the heads of groups.
_HOLDERS = {"profiles": ("avatarUrl", "headerUrl"), "chat": ("avatarUrl",)}
_OLD, _NEW = f"{MEDIA_URL_PREFIX}/", f"/{SERVED_PUBLIC}"


def move_public(aws: Aws, bucket: str) -> int:
    """Move objects, and the addresses that profiles and groups hold; how many objects there were to move."""
    s3 = aws.client("s3")
    answer = s3.list_objects_v2(Bucket=bucket, Prefix=SERVED, Delimiter="/")
    folders = {row["Prefix"] for row in answer.get("CommonPrefixes", [])} - {SERVED_PRIVATE, SERVED_PUBLIC}
    moved = 0
    for folder in sorted(folders):
        for row in s3.list_objects_v2(Bucket=bucket, Prefix=folder).get("Contents", []):
            key = row["Key"]
            target = SERVED_PUBLIC + key.removeprefix(SERVED)
            s3.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": key})
            s3.delete_object(Bucket=bucket, Key=key)
            moved += 1
    if moved:
        for table, names in _HOLDERS.items():
            _rename(aws.client("dynamodb"), physical(table), names)
    return moved


def _rename(client: Any, table: str, names: tuple[str, ...]) -> None:
    for item in _all(client, table):
        for name in names:
            url = item.get(name, {}).get("S", "")
            if url.startswith(_OLD) and not url.startswith(_NEW):
                client.update_item(
                    TableName=table,
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression="SET #url = :new",
                    ConditionExpression="#url = :old",
                    ExpressionAttributeNames={"#url": name},
                    ExpressionAttributeValues={
                        ":new": {"S": _NEW + url.removeprefix(_OLD)},
                        ":old": {"S": url},
                    },
                )


def _all(client: Any, table: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("scan").paginate(TableName=table):
        yield from page["Items"]
