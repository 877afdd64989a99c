"""``make export-people``: exports the user pool, one JSON object a line. Cognito has no backup of its own.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulation.private import keep_private
from emulation.settings import REGION
from infra.constants import ADMINISTRATORS, DEVELOPERS, MODERATORS, physical
from kit import console
from kit.deploy.resources import Aws
from kit.settings import Settings

_GROUPS = (ADMINISTRATORS, DEVELOPERS, MODERATORS)


def people(cognito: Any, pool: str) -> Iterator[dict[str, Any]]:
    """Name, attributes, state and groups of everybody."""
    groups: dict[str, list[str]] = {}
    for group in _GROUPS:
        for page in cognito.get_paginator("list_users_in_group").paginate(UserPoolId=pool, GroupName=group):
            for user in page["Users"]:
                groups.setdefault(user["Username"], []).append(group)
    for page in cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        for user in page["Users"]:
            yield {
                "username": user["Username"],
                "attributes": {one["Name"]: one["Value"] for one in user["Attributes"]},
                "enabled": user["Enabled"],
                "status": user["UserStatus"],
                "groups": groups.get(user["Username"], []),
            }


def pool_id(cognito: Any) -> str:
    """The id of this system's user pool.

    Raises:
        LookupError: no pool has this name, or two have it.
    """
    pages = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
    found = [one["Id"] for page in pages for one in page["UserPools"] if one["Name"] == physical("people")]
    if len(found) != 1:
        raise LookupError(f"user pool {physical('people')}: expected one, found {len(found)}")
    return str(found[0])


def write(rows: Iterator[dict[str, Any]], file: Path) -> int:
    """Write the rows into a file that is its owner's alone; how many there were."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        for count, row in enumerate(rows, start=1):  # noqa: B007
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


def main(arguments: list[str] | None = None) -> int:
    """0 when all are written; 1 when AWS refused."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make export-people", description=__doc__)
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    options = parser.parse_args(arguments)
    settings = Settings.load()
    if options.target != "aws":
        os.environ.update(settings.aws_environment())
    cognito = Aws(REGION).client("cognito-idp")
    file = settings.home / "exports" / f"people-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    try:
        count = write(people(cognito, pool_id(cognito)), file)
    except (BotoCoreError, ClientError, LookupError) as error:
        print(console.red(f"export-people: {error}"), file=sys.stderr)
        return 1
    print(f"{count} people in {file}: names and addresses, keep it safe")
    return 0


if __name__ == "__main__":
    sys.exit(main())
