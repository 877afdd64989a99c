"""A function is composed at its first call, or at import where Lambda names it, and receives event and context."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.entry import EntryPoint, Handler, entry_point
from services.common.settings import FunctionSettings, SettingsError
from tests.support.lambdas import Context


class Named(FunctionSettings):
    name_of_test: str


def composed(settings: Named) -> Handler:
    return lambda event, context: (settings.name_of_test, event, context)


def test_a_function_is_composed_once_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME_OF_TEST", "first")
    made: list[Named] = []

    def compose(settings: Named) -> Handler:
        made.append(settings)
        return composed(settings)

    function: EntryPoint[Named] = entry_point(Named)(compose)
    assert made == []
    event, context = {"a": 1}, Context()
    assert function(event, context) == ("first", event, context)
    monkeypatch.setenv("NAME_OF_TEST", "second")
    assert function(event, context) == ("first", event, context)
    assert len(made) == 1


@pytest.mark.parametrize("named", [True, False])
def test_the_function_that_lambda_names_fails_its_cold_start(monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    monkeypatch.delenv("NAME_OF_TEST", raising=False)
    monkeypatch.setenv("_HANDLER", f"{__name__}.{'composed' if named else 'another'}")
    made: Any = None
    if named:
        with pytest.raises(SettingsError, match="NAME_OF_TEST"):
            entry_point(Named)(composed)
    else:
        made = entry_point(Named)(composed)
        with pytest.raises(SettingsError, match="NAME_OF_TEST"):
            made({}, Context())
