"""``make restore``: copies items that a restored table has and the system's table lacks; nothing newer is overwritten.

Point-in-time recovery always makes a table beside the first (docs/runbooks/restore.md). ``DRY_RUN=yes`` only counts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulation.private import keep_private
from emulation.settings import REGION
from infra.constants import TABLE_INDEXES, physical
from kit import console
from kit.deploy.resources import Aws
from kit.settings import Settings

Item = dict[str, Any]


def missing(dynamodb: Any, table: str, restored: str, begins_with: str = "") -> Iterator[Item]:
    """Items of ``restored`` whose key ``table`` does not have; of those partitions only that begin so."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=restored, ConsistentRead=True):
        for item in page["Items"]:
            if not item["pk"]["S"].startswith(begins_with):
                continue
            key = {name: item[name] for name in ("pk", "sk")}
            if "Item" not in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True):
                yield item


def put_back(dynamodb: Any, table: str, item: Item) -> bool:
    """Whether the item was put; an item that was written meanwhile is newer and stays."""
    try:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def kind(item: Item) -> str:
    """``USER#``, ``POST#``: what stands before the id."""
    return str(item["pk"]["S"]).partition("#")[0] + "#"


def main(arguments: list[str] | None = None) -> int:
    """0 when all missing items are restored, or were only counted; 1 when AWS refused; 2 for a wrong name."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make restore", description=__doc__)
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    parser.add_argument("--table", required=True, help="of the system, without its prefix: posts")
    parser.add_argument("--source", required=True, help="the restored table, by its whole name")
    parser.add_argument("--only", default="", help="partitions whose key begins so: POST#")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args(arguments)
    if options.table not in TABLE_INDEXES:
        print(f"TABLE: expected one of {', '.join(TABLE_INDEXES)}, got {options.table!r}", file=sys.stderr)
        return 2
    if not options.source:
        print(
            "SOURCE: expected the whole name of the restored table, as SOURCE=asyncsns-posts-restored", file=sys.stderr
        )
        return 2
    if options.target != "aws":
        os.environ.update(Settings.load().aws_environment())
    dynamodb, table = Aws(REGION).client("dynamodb"), physical(options.table)
    found: Counter[str] = Counter()
    try:
        for item in missing(dynamodb, table, options.source, options.only):
            if options.dry_run or put_back(dynamodb, table, item):
                found[kind(item)] += 1
    except (BotoCoreError, ClientError) as error:
        print(console.red(f"restore: {error}"), file=sys.stderr)
        return 1
    for name, count in sorted(found.items()):
        print(f"{name}: {count}")
    print(f"{found.total()} items {'would go' if options.dry_run else 'went'} back to {table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
