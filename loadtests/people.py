"""The people under load: made once, tokens kept until they expire, pairs that talk to each other."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import threading
import time
from dataclasses import asdict
from pathlib import Path

import jwt

from kit.client import Account, Accounts, Api, Endpoints
from kit.settings import Settings

_PASSWORD = "Load-test-2026!"  # noqa: S105 - of accounts that exist on the local target only
_PASSWORD_FILE = "load-password"  # noqa: S105 - its name
_SPARE_SECONDS = 600


class People:
    """``ASYNCSNS_LOAD_PEOPLE`` of them (an even number, default 40), handed out in turn."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self.count = int(os.environ.get("ASYNCSNS_LOAD_PEOPLE", "40"))
        if self.count < 2 or self.count % 2:
            raise ValueError(f"ASYNCSNS_LOAD_PEOPLE: expected an even number of 2 or more, got {self.count}")
        settings = Settings.load()
        local = endpoints.emulator_url is not None
        self._password = _PASSWORD if local else _own_password(settings.home / _PASSWORD_FILE)
        self._file = (settings.state if local else settings.home) / "load-people.json"
        self._lock = threading.Lock()
        self._accounts: list[Account] = []
        self._turn = itertools.count()

    def prepare(self) -> None:
        """Sign everybody in (kept tokens that last are used again), give each a profile, let neighbours follow."""
        kept = self._read_kept()
        accounts = Accounts(self.endpoints)
        for number in range(self.count):
            email = f"load{number:04}@example.com"
            account = kept.get(email)
            if account is None:
                account = accounts.join(email, self._password)
                with Api(self.endpoints, account) as api:
                    api.put("/v1/me", {"handle": f"load{number:04}", "displayName": f"Load {number}"})
            self._accounts.append(account)
        for number, account in enumerate(self._accounts):
            if account.email not in kept:
                with Api(self.endpoints, account) as api:
                    api.put(f"/v1/follows/{self._accounts[number ^ 1].user_id}")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps([self.endpoints.user_pool_id, [asdict(one) for one in self._accounts]]))

    def next(self) -> Account:
        """The next person, round and round."""
        with self._lock:
            return self._accounts[next(self._turn) % self.count]

    def begin_at(self, worker: int) -> None:
        """Each worker of a distributed run begins elsewhere, so that few of them use the same account at once."""
        with self._lock:
            self._turn = itertools.count(worker * 14)

    def next_group(self, size: int) -> list[Account]:
        """So many in a row, all of them different people.

        Raises:
            ValueError: there are fewer.
        """
        if size > self.count:
            raise ValueError(f"ASYNCSNS_LOAD_PEOPLE: expected {size} or more for a group, got {self.count}")
        with self._lock:
            first = next(self._turn)
        return [self._accounts[(first + step) % self.count] for step in range(size)]

    def next_pair(self) -> tuple[Account, Account]:
        """Two neighbours: they follow each other."""
        with self._lock:
            first = next(self._turn) % (self.count // 2) * 2
        return self._accounts[first], self._accounts[first + 1]

    def _read_kept(self) -> dict[str, Account]:
        try:
            pool, rows = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        if pool != self.endpoints.user_pool_id:
            return {}
        return {
            account.email: account
            for account in (Account(**row) for row in rows)
            if jwt.decode(account.access_token, options={"verify_signature": False})["exp"]
            > time.time() + _SPARE_SECONDS
        }


def _own_password(file: Path) -> str:
    """On AWS anybody could sign in with a password of this file: there it is random, and kept in ``file`` alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"Aa1!{secrets.token_urlsafe(24)}", "ascii")
    return file.read_text("ascii")
