"""Lazy dataclasses are what the standard library makes of the same classes."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, FrozenInstanceError, InitVar, asdict, field, fields, is_dataclass, replace
from pathlib import Path
from threading import Barrier
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from pydantic import TypeAdapter

import services
from services.common import lazy_dataclasses

T = TypeVar("T")
Decorator = Callable[..., Any]


def made_by(dataclass: Decorator) -> dict[str, Any]:
    """Classes of every form that ``services`` has."""

    @dataclass(frozen=True)
    class Point:
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list, compare=False, repr=False)

    @dataclass
    class Changeable:
        """Has a text."""

        x: int = 1

    @dataclass(frozen=True, kw_only=True)
    class Named(Point):
        name: str

    @dataclass(frozen=True)
    class Event:
        kind: ClassVar[str] = "event"
        _: KW_ONLY
        cause: InitVar[str | None] = None
        id: str = ""

        def __post_init__(self, cause: str | None) -> None:
            if cause is not None:
                object.__setattr__(self, "id", cause.upper())

    @dataclass(frozen=True)
    class Sent(Event):
        text: str

    @dataclass(frozen=True)
    class Paged(Generic[T]):
        items: tuple[T, ...]

    class Rule(ABC):
        @abstractmethod
        def holds(self) -> bool: ...

    @dataclass(frozen=True)
    class Always(Rule):
        held: bool = True

        def holds(self) -> bool:
            return self.held

    @dataclass(frozen=True)
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    class Plain(Point):
        def sum(self) -> int:
            return self.x + self.y

    return {name: value for name, value in locals().items() if isinstance(value, type) and name != "Rule"}


VALUES: dict[str, dict[str, Any]] = {
    "Point": {"x": 1, "tags": ["a"]},
    "Changeable": {"x": 3},
    "Named": {"x": 1, "name": "n"},
    "Event": {"cause": "c"},
    "Sent": {"text": "t", "cause": "c"},
    "Paged": {"items": (1,)},
    "Always": {},
    "Own": {"x": 1},
    "Plain": {"x": 1},
}


def described(cls: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What can be seen of a class and its instances."""
    one, other = cls(**values), cls(**values)
    frozen = "changeable"
    try:
        next_field = fields(cls)[0].name
        setattr(one, next_field, getattr(one, next_field))
    except FrozenInstanceError as error:
        frozen = str(error)
    return {
        "equal": one == other,
        "differs": one == object(),
        "hash": hash(one) == hash(other) if cls.__hash__ else None,
        "repr": repr(one),
        "asdict": asdict(one),
        "replaced": repr(replace(one, **{name: values[name] for name in values if name == "x"})),
        "fields": [(each.name, each.type, each.kw_only, each.compare, each.repr) for each in fields(cls)],
        "signature": str(inspect.signature(cls)),
        "match": cls.__match_args__,
        "init": (cls.__init__.__name__, cls.__init__.__qualname__),
        "frozen": frozen,
    }


@pytest.mark.parametrize("name", VALUES)
def test_a_class_is_what_the_standard_library_makes(name: str) -> None:
    lazy, eager = made_by(lazy_dataclasses.dataclass)[name], made_by(dataclasses.dataclass)[name]
    assert described(lazy, VALUES[name]) == described(eager, VALUES[name])


@pytest.mark.parametrize("name", VALUES)
def test_the_fields_are_known_before_the_first_instance(name: str) -> None:
    lazy, eager = made_by(lazy_dataclasses.dataclass)[name], made_by(dataclasses.dataclass)[name]
    assert is_dataclass(lazy)
    assert [one.name for one in fields(lazy)] == [one.name for one in fields(eager)]


@pytest.mark.parametrize(("name", "doc"), [("Changeable", "Has a text."), ("Point", "Point")])
def test_a_class_keeps_its_docstring_and_has_its_name_without_one(name: str, doc: str) -> None:
    lazy = made_by(lazy_dataclasses.dataclass)[name]
    assert lazy.__doc__ == doc
    lazy(**VALUES[name])
    assert lazy.__doc__ == doc


def test_first_use_compiles_each_method_once_and_reads_no_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling methods and reading signatures is the work that lazy classes save."""
    compiled: list[str] = []
    read: list[str] = []
    signature = inspect.signature

    def compile_and_run(text: str, *places: Any) -> None:
        compiled.extend(re.findall(r"def (__(?:init|repr|eq)__)\(", text))
        exec(text, *places)  # noqa: S102 - dataclasses wrote the text

    def read_signature(cls: Any, **options: Any) -> inspect.Signature:
        read.append(cls.__name__)
        return signature(cls, **options)

    lazy = made_by(lazy_dataclasses.dataclass)["Point"]
    monkeypatch.setattr(dataclasses, "exec", compile_and_run, raising=False)
    monkeypatch.setattr(inspect, "signature", read_signature)
    lazy(x=1)
    assert sorted(compiled) == ["__eq__", "__init__", "__repr__"]
    assert read == []
    dataclasses.dataclass(type("Eager", (), {}))
    assert read == ["Eager"]


def test_pydantic_reads_and_writes_an_unused_class() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(made_by(lazy_dataclasses.dataclass)["Point"])
    assert adapter.dump_python(adapter.validate_python({"x": "5"})) == {"x": 5, "y": 2, "tags": []}


def test_wrong_arguments_are_refused() -> None:
    point = made_by(lazy_dataclasses.dataclass)["Point"]
    for _ in range(2):
        with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
            point(1, z=2)


def test_a_wrong_definition_is_refused_at_first_use() -> None:
    @lazy_dataclasses.dataclass(frozen=True)
    class Wrong:
        first: int = 1
        second: str  # type: ignore[misc]

    with pytest.raises(TypeError, match="non-default argument 'second' follows"):
        Wrong(second="a")


@pytest.fixture
def restless() -> Any:
    """Threads that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("restless")
def test_threads_may_use_a_class_first_at_the_same_time() -> None:
    count = 6
    with ThreadPoolExecutor(count) as threads:
        for _ in range(40):
            found, barrier = made_by(lazy_dataclasses.dataclass), Barrier(count)

            def use(number: int, found: dict[str, Any] = found, barrier: Barrier = barrier) -> Any:
                barrier.wait()
                return found["Sent" if number % 2 else "Event"](**VALUES["Sent" if number % 2 else "Event"])

            made = list(threads.map(use, range(count)))
            assert made[0] == made[2] == made[4] and made[1] == made[3] == made[5]
            assert all(one.id == "C" for one in made)


def modules_of_services() -> list[str]:
    return [one.name for one in pkgutil.walk_packages(services.__path__, "services.") if "__main__" not in one.name]


def test_every_dataclass_of_services_can_be_made() -> None:
    found: set[Any] = set()
    for name in modules_of_services():
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and value.__module__ == name and "__dataclass_fields__" in vars(value):
                found.add(value)
    assert len(found) > 150
    for one in found:
        own = {each.name for each in fields(one) if each.init}
        assert own <= set(inspect.signature(one).parameters)


def test_services_take_dataclass_from_the_lazy_module() -> None:
    for name in modules_of_services():
        path = Path(str(importlib.util.find_spec(name).origin))  # type: ignore[union-attr]
        if path.stem == "lazy_dataclasses":
            continue
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "from dataclasses import" in text else ():
            if isinstance(node, ast.ImportFrom) and node.module == "dataclasses":
                assert "dataclass" not in {one.name for one in node.names}, (
                    f"{path}: see services/common/lazy_dataclasses.py"
                )
