"""A function's environment matches its settings class, for every target."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from services.common.entry import EntryPoint
from services.common.settings import FunctionSettings
from tests.infra.templates import ROOT, Templates
from tests.infra.test_functions import FUNCTIONS

#: Variables for Powertools, the SDK and Lambda itself.
OF_LIBRARIES = ("POWERTOOLS_", "AWS_")


def variables(templates: Templates, function: str) -> dict[str, str]:
    """The template's values; values that CloudFormation fills in are JSON."""
    found = templates.functions()[function]["Environment"]["Variables"]
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in found.items()
        if not name.startswith(OF_LIBRARIES)
    }


def settings_of(function: str) -> type[FunctionSettings]:
    module, _, name = f"services.{FUNCTIONS[function][0]}".rpartition(".")
    entry = getattr(importlib.import_module(module), name)
    assert isinstance(entry, EntryPoint)
    return entry.settings


@pytest.mark.parametrize("target", ["embedded", "aws"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_gets_exactly_the_variables_of_its_settings(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, target: str, function: str
) -> None:
    given, model = variables(request.getfixturevalue(target), function), settings_of(function)
    unknown = set(given) - {name.upper() for name in model.model_fields}
    where = model.__module__.replace(".", "/") + ".py"
    assert unknown == set(), (
        f"{function}: add a field for each of {sorted(unknown)} to {model.__name__} in {where}, "
        "or take the variable out of the function's `uses` in infra/stacks"
    )
    for name in model.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    model.read()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_with_its_environment(
    embedded: Templates, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """As on Lambda: the handler's module is imported, and the one function that ``_HANDLER`` names is composed."""
    settings_of(function)
    name = f"services.{FUNCTIONS[function][0]}"
    monkeypatch.setenv("_HANDLER", name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for variable, value in variables(embedded, function).items():
        monkeypatch.setenv(variable, value)
    module = imported_anew(name.rpartition(".")[0])
    composed = [
        key for key, value in vars(module).items() if isinstance(value, EntryPoint) and "_composed" in vars(value)
    ]
    assert composed == [name.rpartition(".")[2]]


def imported_anew(name: str) -> ModuleType:
    """A second import of the module, which leaves the loaded one unchanged."""
    path = Path(ROOT, *name.split(".")).with_suffix(".py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert sys.modules.get(name) is not module
    return module
