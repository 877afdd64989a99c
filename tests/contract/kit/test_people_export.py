"""The export of the user pool, against an emulator."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from infra.constants import physical
from kit import people_export
from tests.support.aws import Aws


def test_everybody_is_written_with_their_groups(fresh: Aws, tmp_path: Path) -> None:
    cognito = fresh.client("cognito-idp")
    with pytest.raises(LookupError, match="expected one, found 0"):
        people_export.pool_id(cognito)
    pool = cognito.create_user_pool(PoolName=physical("people"))["UserPool"]["Id"]
    for group in ("administrators", "developers", "moderators"):
        cognito.create_group(UserPoolId=pool, GroupName=group)
    for name in ("ann", "bob"):
        cognito.admin_create_user(
            UserPoolId=pool, Username=name, UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}]
        )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="bob", GroupName="moderators")
    cognito.admin_disable_user(UserPoolId=pool, Username="ann")
    file = tmp_path / "people.jsonl"
    assert people_export.pool_id(cognito) == pool
    assert people_export.write(people_export.people(cognito, pool), file) == 2
    rows = {row["attributes"]["email"]: row for row in map(json.loads, file.read_text("utf-8").splitlines())}
    assert rows["bob@example.com"]["groups"] == ["moderators"]
    assert (rows["ann@example.com"]["enabled"], rows["bob@example.com"]["enabled"]) == (False, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    cognito.delete_user_pool(UserPoolId=pool)
