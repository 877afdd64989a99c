"""Random credentials: made once, readable by the user only, stored where SDKs look for them."""

from __future__ import annotations

import stat
from pathlib import Path

import boto3
import pytest

from emulation.settings import DEFAULT_CREDENTIALS
from kit import credentials
from kit.settings import Settings
from kit.targets import compose

PROFILE = {"region": "us-east-1", "endpoint_url": "http://localhost:4566"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    return Settings().credentials_file


def choose(file: Path, choice: str) -> None:
    credentials.choose(file, PROFILE, {credentials.VARIABLE: choice})


def test_the_default_credentials_are_those_that_tools_expect(file: Path) -> None:
    choose(file, "")
    assert not file.exists()
    assert Settings().emulation.credentials == DEFAULT_CREDENTIALS == ("test", "test")
    assert Settings().aws_environment()["AWS_ACCESS_KEY_ID"] == "test"


def test_random_credentials_reach_servers_and_clients(file: Path) -> None:
    choose(file, "random")
    own = credentials.read(file)
    assert own is not None
    assert own != DEFAULT_CREDENTIALS
    assert (len(own.access_key_id), len(own.secret_access_key)) == (20, 40)
    assert Settings().emulation.credentials == own
    assert Settings().aws_environment()["AWS_SECRET_ACCESS_KEY"] == own.secret_access_key
    assert compose.environment(Settings(), {})["SECRET_ACCESS_KEY"] == own.secret_access_key


def test_random_credentials_are_kept_until_the_default_ones_are_chosen(file: Path) -> None:
    choose(file, "random")
    first = credentials.read(file)
    for choice in ("random", ""):
        choose(file, choice)
        assert credentials.read(file) == first
    choose(file, "test")
    assert credentials.read(file) is None


def test_only_the_user_can_read_the_credentials_file(file: Path) -> None:
    choose(file, "random")
    file.chmod(0o644)
    choose(file, "random")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_sdks_read_keys_region_and_endpoint_from_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(file, "random")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", credentials.PROFILE)
    session = boto3.Session()
    found = session.get_credentials()
    assert found is not None
    assert (found.access_key, found.secret_key) == credentials.read(file)
    sqs = session.client("sqs")
    assert (sqs.meta.endpoint_url, sqs.meta.region_name) == (PROFILE["endpoint_url"], PROFILE["region"])


def test_another_credentials_setting_is_refused_by_name(file: Path) -> None:
    with pytest.raises(ValueError, match="ASYNCSNS_CREDENTIALS: expected test or random, got 'secret'"):
        choose(file, "secret")


@pytest.mark.parametrize("content", ["", "[other]\nx = 1\n", "[asyncsns]\naws_access_key_id = a\n", "junk"])
def test_a_damaged_file_is_not_taken_for_the_usual_credentials(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(content)
    with pytest.raises(ValueError, match="expected"):
        credentials.read(file)
