"""Moves public pictures to where they are served: until ``SERVED_PUBLIC`` was made they were at ``media/<medium>/``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.constants import MEDIA_URL_PREFIX, SERVED, SERVED_PRIVATE, SERVED_PUBLIC, physical
from kit.deploy.resources import Aws

#: Items that hold the address of a picture: profiles, and the heads of groups.
_HOLDERS = {"profiles": ("avatarUrl", "headerUrl"), "chat": ("avatarUrl",)}
_OLD, _NEW = f"{MEDIA_URL_PREFIX}/", f"/{SERVED_PUBLIC}"


def move_public(aws: Aws, bucket: str) -> int:
    """Move objects, and the addresses that profiles and groups hold; how many objects there were to move.

    Old objects are deleted last, so that the next attempt continues an interrupted one.
    """
    s3, moved = aws.client("s3"), 0
    while keys := _old_keys(s3, bucket):
        for key in keys:
            target = SERVED_PUBLIC + key.removeprefix(SERVED)
            s3.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": key})
        for table, names in _HOLDERS.items():
            _rename(aws.client("dynamodb"), physical(table), names)
        for key in keys:
            s3.delete_object(Bucket=bucket, Key=key)
        moved += len(keys)
    return moved


def _old_keys(s3: Any, bucket: str) -> list[str]:
    """Old keys of up to 1,000 media."""
    answer = s3.list_objects_v2(Bucket=bucket, Prefix=SERVED, Delimiter="/")
    folders = {row["Prefix"] for row in answer.get("CommonPrefixes", [])} - {SERVED_PRIVATE, SERVED_PUBLIC}
    found = (s3.list_objects_v2(Bucket=bucket, Prefix=one).get("Contents", []) for one in sorted(folders))
    return [row["Key"] for rows in found for row in rows]


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
