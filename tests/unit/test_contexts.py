"""The registrations of a context: without them, its data outlives accounts and its borders are not enforced."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.constants import TABLE_INDEXES
from services.accounts import handler as accounts

ROOT = Path(__file__).parents[2]
CONTEXTS = {path.parent.name for path in (ROOT / "services").glob("*/handler.py")}
#: Tables without exportable personal data: idempotency records, accounts (deleted last), and moderators' actions, which
#: are kept after the affected account is deleted (docs/contexts/moderation.md).
WITHOUT_PEOPLE = {"idempotency", "accounts", "audit"}
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "contracts"
]


@pytest.mark.parametrize(
    ("kind", "field", "exempt"),
    [
        ("protected", "protected_modules", set[str]()),
        ("acyclic_siblings", "ancestors", set[str]()),
        ("layers", "containers", {"query"}),
    ],
)
def test_every_context_is_held_by_the_import_contracts(kind: str, field: str, exempt: set[str]) -> None:
    listed = {name for one in CONTRACTS if one["type"] == kind for name in one.get(field, [])}
    missing = sorted(f"services.{name}" for name in CONTEXTS - exempt if f"services.{name}" not in listed)
    assert not missing, f"add {missing} to `{field}` of the {kind} contract in pyproject.toml"


def test_every_table_is_exported_and_erased_with_the_person() -> None:
    listed = set(re.findall(r"settings\.table_(\w+)", inspect.getsource(accounts.kept_of_people)))
    missing = sorted(set(TABLE_INDEXES) - listed - WITHOUT_PEOPLE)
    assert not missing, f"add the personal_data of {missing} to kept_of_people in services/accounts/handler.py"


def test_exports_and_erasures_cover_every_context_with_personal_data() -> None:
    source = inspect.getsource(accounts.kept_of_people)
    pages = {path.parent.name: path.read_text("utf-8") for path in (ROOT / "services").glob("*/public.py")}
    offering = {name for name, page in pages.items() if "personal_data" in page}
    assert len(offering) > 5, "no contexts found: the test looks in the wrong place"
    missing = sorted(name for name in offering if f"{name}.personal_data(" not in source)
    assert not missing, f"add {missing} to kept_of_people in services/accounts/handler.py"
