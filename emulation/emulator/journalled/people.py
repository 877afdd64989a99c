"""Cognito in the journal: pools, users, sessions and tokens.

MiniStack changes these records in place, so no call marks a change. But each operation looks up a record before it
changes it. Here a look-up is remembered, and before the answer each record that was looked up is compared with what
was last written of it. A row holds a whole record, so replaying it twice changes nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from emulation.emulator import seams
from emulation.emulator.journal import Journal

#: Stores of ``services.cognito`` by the names of their rows. Their keys are strings, or account, region and name.
_STORES = {
    "pool": "_user_pools",
    "domain": "_pool_domain_map",
    "identity-pool": "_identity_pools",
    "identity-tags": "_identity_tags",
    "authorization-code": "_authorization_codes",
    "refresh-token": "_refresh_tokens",
    "code": "_auth_codes",
    "session": "_challenge_sessions",
}
_POOL, _USER = "pool", "user"
_USERS = "_users"
#: Follows from the users; a row of the pool for each new user would be larger than the user's.
_COUNT = "EstimatedNumberOfUsers"

Key = Any
#: Kind of a row, and the key of its record; a user's is the key of the pool and the name.
Unit = tuple[str, Key]
#: In the order of the look-ups.
Units = dict[Unit, None]

_looked_up: ContextVar[Units | None] = ContextVar("looked_up", default=None)


class Watched(dict[Any, Any]):
    """Entries whose look-ups, changes and removals are told, by key. Walks are not: who walks to a user in order to
    change it looks it up afterwards (``usernames.find``)."""

    def __init__(self, entries: dict[Any, Any], tell: Callable[[Key], None]) -> None:
        super().__init__(entries)
        self._tell = tell

    def get(self, key: Key, default: Any = None) -> Any:
        if key in self:
            self._tell(key)
        return super().get(key, default)

    def __getitem__(self, key: Key) -> Any:
        self._tell(key)
        return super().__getitem__(key)

    def __setitem__(self, key: Key, value: Any) -> None:
        super().__setitem__(key, value)
        self._tell(key)

    def __delitem__(self, key: Key) -> None:
        super().__delitem__(key)
        self._tell(key)

    def setdefault(self, key: Key, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Key, *default: Any) -> Any:
        if key in self:
            self._tell(key)
        return super().pop(key, *default)

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        return {key: copy.deepcopy(value, memo) for key, value in list(self.items())}


class Pools(Watched):
    """All pools. The users of each are watched too; a look-up of a user is one of the pool."""

    def __init__(self, pools: dict[Key, Any], look_up: Callable[[Unit], None]) -> None:
        super().__init__({}, lambda key: look_up((_POOL, key)))
        self._look_up = look_up
        for key, pool in pools.items():
            self._watch(key, pool)
            super(Watched, self).__setitem__(key, pool)

    def _watch(self, key: Key, pool: dict[str, Any]) -> None:
        def tell(name: str) -> None:
            self._look_up((_POOL, key))
            self._look_up((_USER, (*key, name)))

        pool[_USERS] = Watched(pool.get(_USERS) or {}, tell)

    def __setitem__(self, key: Key, pool: dict[str, Any]) -> None:
        self._watch(key, pool)
        super().__setitem__(key, pool)


class Revoked(set[str]):
    """Revoked tokens; new ones are rows at once. MiniStack removes none."""

    def __init__(self, tokens: Iterable[str], note: Callable[[list[Any]], None]) -> None:
        super().__init__(tokens)
        self._note = note

    def add(self, token: str) -> None:
        self.update([token])

    def update(self, *tokens: Iterable[str]) -> None:
        new = sorted({token for some in tokens for token in some} - self)
        super().update(new)
        if new:
            self._note(["cognito-revoked", new])


@dataclass
class _Recorder:
    journal: Journal
    #: Look-ups outside of requests that ``look`` began.
    others: Units = field(default_factory=dict)
    #: Hash of what journal ``number`` has of a record; an empty text stands for a removed one.
    noted: dict[Unit, int] = field(default_factory=dict)
    number: int = 0

    def look_up(self, unit: Unit) -> None:
        units = _looked_up.get()
        (self.others if units is None else units)[unit] = None

    def note(self) -> None:
        units = _looked_up.get() or {}
        if self.others:
            others, self.others = self.others, {}
            units = {**others, **units}
        if self.number != self.journal.number:
            # What the new journal goes on from may be newer than the last row: a request was under way at the fork.
            self.number, self.noted = self.journal.number, {}
        for unit in sorted(units, key=lambda unit: unit[0] == _USER):
            text = _encoded(unit)
            if self.noted.get(unit) != hash(text):
                self.noted[unit] = hash(text)
                self.journal.add(["cognito", *unit, text])


_recorder: _Recorder | None = None


def look() -> None:
    """A request begins: what is looked up from now on, in its threads too, is for its own ``note``."""
    _looked_up.set({})


def note() -> None:
    """Add a row for each changed record of this request. On the event loop, before the answer."""
    if _recorder is not None and (_looked_up.get() or _recorder.others):
        _recorder.note()


def record(journal: Journal) -> None:
    """From now on changes are remembered for ``note``."""
    global _recorder
    service = seams.module("services.cognito")
    recorder = _recorder = _Recorder(journal)
    for kind, name in _STORES.items():
        store = getattr(service, name)
        if kind == _POOL:
            store._data = Pools(store._data, recorder.look_up)
        elif hasattr(store, "_data"):
            store._data = Watched(store._data, _teller(recorder, kind))
        else:
            setattr(service, name, Watched(store, _teller(recorder, kind)))
    service._revoked_tokens = Revoked(service._revoked_tokens, journal.add)
    find = service._user_from_token

    def find_and_look_up(token: str, pool: dict[str, Any]) -> Any:
        user = find(token, pool)
        return pool[_USERS].get(user["Username"]) if user else user

    service._user_from_token = find_and_look_up


def _teller(recorder: _Recorder, kind: str) -> Callable[[Key], None]:
    return lambda key: recorder.look_up((kind, key))


def _entries(kind: str) -> dict[Key, Any]:
    store = getattr(seams.module("services.cognito"), _STORES[kind])
    entries: dict[Key, Any] = getattr(store, "_data", store)
    return entries


def _encoded(unit: Unit) -> str:
    """The record as MiniStack writes it to its state file; empty when it is gone."""
    kind, key = unit
    if kind == _USER:
        pool = dict.get(_entries(_POOL), key[:-1])
        value = dict.get(pool[_USERS], key[-1]) if pool else None
    else:
        value = dict.get(_entries(kind), key)
        if kind == _POOL and value is not None:
            value = {name: part for name, part in value.items() if name not in (_USERS, _COUNT)}
    if value is None:
        return ""
    return json.dumps(value, default=seams.module("core.persistence")._json_default, separators=(",", ":"))


class PeopleReplay:
    """Puts the records of the rows in the place of the snapshot's. Must run before ``record``."""

    KINDS = frozenset({"cognito", "cognito-revoked"})

    def __init__(self) -> None:
        self._service = seams.module("services.cognito")
        self._hook = seams.module("core.persistence")._json_object_hook

    def again(self, entry: list[Any]) -> None:
        if entry[0] == "cognito-revoked":
            self._service._revoked_tokens.update(entry[1])
            return
        kind, key, text = entry[1:]
        key = tuple(key) if isinstance(key, list) else key
        value = json.loads(text, object_hook=self._hook) if text else None
        if kind == _USER:
            pool = _entries(_POOL).get(key[:-1])
            if pool is not None:
                _put(pool[_USERS], key[-1], value)
        elif kind == _POOL and value is not None:
            users = _entries(_POOL).get(key, {}).get(_USERS, {})
            _entries(_POOL)[key] = {**value, _USERS: users}
        else:
            _put(_entries(kind), key, value)

    def finish(self) -> None:
        for pool in _entries(_POOL).values():
            pool[_COUNT] = len(pool[_USERS])


def _put(entries: dict[Key, Any], key: Key, value: Any) -> None:
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value
