"""Commands on accounts: export, sign out everywhere, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.accounts.model import FRESH_SECONDS, Export, ExportState
from services.accounts.sign_out import job_of
from services.common.claims import Viewer
from services.common.clock import now, now_text
from services.common.errors import FieldError, SignInAgain, Unprocessable
from services.common.ids import new_id


class AccountRequests(Protocol):
    """What the commands need of the repository."""

    def request(self, export: Export) -> Export: ...
    def begin_deletion(self, user_id: str) -> None: ...


class Authors(Protocol):
    """The profiles context, as far as an account needs it."""

    def author(self, user_id: str) -> Mapping[str, Any] | None: ...


class AccountCommands:
    """``export``, ``sign_out`` and ``delete``; each only sends a job to a queue.

    Args:
        send: puts a job on the queue of accounts.
    """

    def __init__(self, accounts: AccountRequests, people: Authors, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._accounts, self._people, self._send = accounts, people, send

    def export(self, user_id: str) -> Export:
        """Request an export; returns the running one if there is one."""
        wanted = Export(new_id(), user_id, ExportState.REQUESTED, now_text())
        export = self._accounts.request(wanted)
        if export.id == wanted.id:
            self._send({"job": "export", "userId": user_id, "exportId": export.id})
        return export

    def sign_out(self, user_id: str) -> None:
        """Start to end all sessions of ``user_id``, including this one."""
        self._send(job_of(user_id))

    def delete(self, viewer: Viewer, handle: str) -> None:
        """Start to delete the account of ``viewer``; idempotent.

        Args:
            handle: the caller's own, typed by hand as confirmation; empty when no profile was made.

        Raises:
            SignInAgain: the last sign-in is too long ago: an open session alone must not delete an account.
            Unprocessable: that is not the caller's handle.
        """
        if now().timestamp() - viewer.signed_in_at > FRESH_SECONDS:
            raise SignInAgain(f"This requires a sign-in within the last {FRESH_SECONDS // 60} minutes.")
        person = self._people.author(viewer.user_id)
        expected = str(person["handle"]) if person else ""
        if handle.strip().removeprefix("@").lower() != expected:
            raise Unprocessable("This is not your handle.", FieldError("handle", "your own handle", repr(handle[:32])))
        self._accounts.begin_deletion(viewer.user_id)
        self._send({"job": "delete", "userId": viewer.user_id})
