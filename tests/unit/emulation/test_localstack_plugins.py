"""The parts of the LocalStack plugins that run without LocalStack."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from emulation.localstack import companion, host
from emulation.localstack.companion import CompanionError, OneResource
from emulation.localstack.table import TYPES, entry_name
from emulation.settings import Settings

_ENTRY_POINTS = host.PYTHON_PATH[1] / "asyncsns_companion-1.dist-info" / "entry_points.txt"


def test_each_type_of_the_table_has_an_entry_point() -> None:
    found = ConfigParser(delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(_ENTRY_POINTS)
    named = dict(found["localstack.cloudformation.resource_providers"])
    assert named == {entry_name(one): f"emulation.localstack.resources:{entry_name(one)}" for one in TYPES}


def test_entry_points_name_existing_files() -> None:
    found = ConfigParser(delimiters=("=",))
    found.read(_ENTRY_POINTS)
    modules = {value.partition(":")[0] for section in found.sections() for value in found[section].values()}
    assert all((host.ROOT / f"{module.replace('.', '/')}.py").is_file() for module in modules)


def test_localstack_does_not_inherit_the_profile_or_token_of_the_shell(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "AWS_PROFILE": "work", "LOCALSTACK_AUTH_TOKEN": "t", "EMULATION_PORT_LOCALSTACK": "4999"}
    settings = Settings(given | {"EMULATION_STATE": str(tmp_path)})
    made = host.environment(settings, tmp_path, given)
    assert not {"AWS_PROFILE", "LOCALSTACK_AUTH_TOKEN"} & made.keys()
    assert made["GATEWAY_LISTEN"] == "127.0.0.1:4999"


def test_a_missing_companion_address_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(companion.URL_VARIABLE, raising=False)
    with pytest.raises(CompanionError, match="EMULATION_URL_COMPANION: expected the companion's address"):
        companion.companion_url()


def test_the_stack_of_a_resource_is_named_after_its_original_stack() -> None:
    one = OneResource("asyncsns-auth", "UserPool6BA7E5F2", "AWS::Cognito::UserPool", ())
    assert one.name == "asyncsns-auth--UserPool6BA7E5F2"
