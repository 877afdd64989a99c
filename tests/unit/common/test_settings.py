"""A function reads its settings when it starts; the error lists those that are missing."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.entry import EntryPoint, Handler, entry_point
from services.common.settings import FunctionSettings, Listed, QueueSettings, SettingsError


class Example(QueueSettings):
    table_posts: str
    hosts: Listed = ()


COMPLETE = {"TABLE_POSTS": "posts", "SOURCE_QUEUE": "https://q", "DEAD_LETTER_QUEUE": "https://d"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Example.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def given(environment: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)


def test_everything_missing_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    given(environment, TABLE_POSTS="", SOURCE_QUEUE="https://q")
    with pytest.raises(SettingsError) as failed:
        Example.read()
    assert str(failed.value) == (
        "Example: expected the environment variable DEAD_LETTER_QUEUE, got none; "
        "expected the environment variable TABLE_POSTS, got none"
    )


def test_an_invalid_setting_is_named_with_the_received_value(environment: pytest.MonkeyPatch) -> None:
    given(environment, **COMPLETE, RETRY_SECONDS="soon")
    with pytest.raises(SettingsError, match=r"RETRY_SECONDS: .*valid number.*, got 'soon'"):
        Example.read()


def test_settings_are_read_by_type_and_have_defaults(environment: pytest.MonkeyPatch) -> None:
    given(environment, **COMPLETE, HOSTS="a, b,,", MAX_RECEIVES="5")
    found = Example.read()
    assert (found.table_posts, found.max_receives, found.retry_seconds) == ("posts", 5, 20)
    assert found.hosts == ("a", "b")


def test_placeholders_fill_required_settings() -> None:
    assert Example.placeholders().table_posts == "table_posts"


class Small(FunctionSettings):
    table_small: str


def compose_small(settings: Small) -> Handler:
    return lambda event, context: settings.table_small


def test_the_function_that_lambda_starts_fails_at_once_without_its_settings(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("_HANDLER", f"{__name__}.compose_small")
    environment.delenv("TABLE_SMALL", raising=False)
    with pytest.raises(SettingsError, match="TABLE_SMALL"):
        entry_point(Small)(compose_small)
    environment.setenv("TABLE_SMALL", "here")
    assert entry_point(Small)(compose_small)({}, None) == "here"


def test_other_functions_of_the_module_are_composed_when_called(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("_HANDLER", f"{__name__}.another")
    environment.delenv("TABLE_SMALL", raising=False)
    function: EntryPoint[Any] = entry_point(Small)(compose_small)
    assert function.settings is Small
    with pytest.raises(SettingsError, match="TABLE_SMALL"):
        function({}, None)
