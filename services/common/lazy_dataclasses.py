"""``dataclass`` as in the standard library, but the methods of a class are made when it is first used.

Python makes them from text that it compiles: half a millisecond of processor time and more for each class. A function
imports up to 170 of these classes, and one invocation uses a few. So ``services`` takes ``dataclass`` from here; all
else (``field``, ``replace``, ``asdict``, ``fields``) is the standard library's and works as usual.

The first instance of a class, or the first look at its fields, makes it what ``dataclasses.dataclass`` would have made.
Until then a wrong definition is not noticed (a unit test makes all classes of ``services``), and a class attribute that
was set with ``field(default=...)`` is that ``Field``.
"""

from __future__ import annotations

import dataclasses
from threading import RLock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

#: Threads of an invocation may use a class first at the same time. To make a class may make those that it extends.
_lock = RLock()


class _FieldsLater:
    """``__dataclass_fields__``, which ``dataclasses`` and pydantic know a dataclass by."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __get__(self, instance: object, owner: Any) -> Any:
        self._make()
        return owner.__dataclass_fields__


def _lazy(cls: Any, frozen: bool, kw_only: bool) -> Any:
    is_made = False

    def make() -> None:
        nonlocal is_made
        with _lock:
            if not is_made:
                dataclasses.dataclass(cls, init=False, frozen=frozen, kw_only=kw_only)
                cls.__init__ = _init_of(cls, frozen)
                is_made = True

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        make()
        cls.__init__(self, *args, **kwargs)

    cls.__init__ = __init__
    cls.__dataclass_fields__ = _FieldsLater(make)
    # Without one ``dataclasses`` would write one, with a signature that takes longer than the methods.
    cls.__doc__ = cls.__doc__ or cls.__name__
    return cls


def _init_of(cls: Any, frozen: bool) -> Any:
    """``__init__`` of a dataclass made without one.

    It is made in another class and set here at once: ``dataclasses`` sets none where there is one, and without one
    another thread would meanwhile call that of ``object``.
    """
    known = ("__dataclass_fields__", "__dataclass_params__", "__post_init__")
    fields = type("Fields", (), {name: getattr(cls, name) for name in known if hasattr(cls, name)})
    place = type(cls.__name__, (fields,), {"__doc__": cls.__doc__, "__qualname__": cls.__qualname__})
    return vars(dataclasses.dataclass(place, repr=False, eq=False, frozen=frozen))["__init__"]


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: Any = None, /, *, frozen: bool = False, kw_only: bool = False) -> Any:
        if cls is None:
            return lambda found: _lazy(found, frozen, kw_only)
        return _lazy(cls, frozen, kw_only)
