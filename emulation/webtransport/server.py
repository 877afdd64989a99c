"""All sessions of one server: admits them, passes their frames to the functions, sends frames that functions post."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from pathlib import Path
from typing import Any

from aioquic.asyncio.server import QuicServer, serve
from aioquic.quic.configuration import QuicConfiguration

from emulation.aws.upstream import UnreachableError
from emulation.guard import Judge
from emulation.webtransport import certificate
from emulation.webtransport.deployed import NotDeployed
from emulation.webtransport.functions import Caller, Functions, Refused
from emulation.webtransport.quic import Asked, Connection, configuration
from emulation.webtransport.session import Session

#: Connection ids of this server begin so: by this a transport knows which server carries to a device.
DEVICE_PREFIX = "wt."
_CHECK_SECONDS = 1.0
_RENEWAL_SECONDS = 3600.0
_GOODBYE_SECONDS = 3.0
#: Handshakes under way; more wait.
_CONNECTING = 32

log = logging.getLogger("emulation.webtransport")


class Server:
    """Sessions by device."""

    def __init__(self, functions: Functions, judge: Judge, folder: Path, host: str, port: int) -> None:
        self._functions = functions
        self._judge = judge
        self._folder = folder
        self._address = (host, port)
        self.certificate = certificate.ensure(folder)
        self.sessions: dict[str, Session] = {}
        self._configuration: QuicConfiguration = configuration(str(certificate.file_in(folder)))
        self._quic: QuicServer | None = None
        self._connecting = asyncio.Semaphore(_CONNECTING)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._farewells: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        def connection(*args: Any, **named: Any) -> Connection:
            return Connection(*args, judge=self._judge, accept=self._accept, **named)

        host, port = self._address
        self._quic = await serve(host, port, configuration=self._configuration, create_protocol=connection)
        for work in (self._check(), self._renew()):
            self._spawn(work)
        log.info("listening on UDP port %d, certificate until %s", port, self.certificate.expires_at)

    async def stop(self) -> None:
        """End every session, tell the functions, stop listening."""
        for task in self._tasks:
            task.cancel()
        for session in list(self.sessions.values()):
            session.close()
        if self._farewells:
            await asyncio.wait(self._farewells, timeout=_GOODBYE_SECONDS)
        if self._quic is not None:
            self._quic.close()
        log.info("stopped")

    def post(self, device: str, frame: bytes) -> int:
        """Send a frame to a device; 204: accepted, 404: unknown device, 429: the device is too slow."""
        session = self.sessions.get(device)
        if session is None:
            return 404
        return 204 if session.post(frame) else 429

    def list(self) -> list[dict[str, Any]]:
        """Device, user and when it connected (ms) of each session."""
        return [
            {"device": device, "userId": one.caller.authorizer.get("userId"), "connectedAt": one.caller.connected_at}
            for device, one in self.sessions.items()
        ]

    def cut(self, device: str) -> int:
        session = self.sessions.get(device)
        if session is None:
            return 404
        session.close()
        return 204

    async def _accept(self, asked: Asked, session_id: int, wire: Connection) -> Session:
        caller = Caller(
            DEVICE_PREFIX + secrets.token_urlsafe(12), asked.path.strip("/"), asked.address, asked.headers, asked.query
        )
        try:
            async with self._connecting:
                await self._functions.connect(caller)
        except (NotDeployed, UnreachableError) as error:
            log.warning("a session could not be admitted: %s", error)
            raise Refused(503) from error
        session = Session(session_id, caller, wire, self._closed)
        self.sessions[caller.device] = session
        log.info("session %s opened, %d now", caller.device, len(self.sessions))
        self._spawn(self._run(session))
        return session

    async def _run(self, session: Session) -> None:
        """The frames of one device one after the other, as they came."""
        while not session.is_closed:
            frame = await session.inbox.get()
            with contextlib.suppress(NotDeployed, UnreachableError):
                answer = await self._functions.message(session.caller, frame)
                if answer is not None:
                    session.post(answer.encode())

    def _closed(self, session: Session, code: int, reason: str) -> None:
        self.sessions.pop(session.device, None)
        log.info("session %s ended: %d %s", session.device, code, reason)
        task = asyncio.get_running_loop().create_task(self._farewell(session, code, reason))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    async def _farewell(self, session: Session, code: int, reason: str) -> None:
        with contextlib.suppress(Refused, NotDeployed, UnreachableError):
            await self._functions.disconnect(session.caller, code, reason)

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            for session in list(self.sessions.values()):
                session.check()

    async def _renew(self) -> None:
        """A new certificate well before the old one ends; connections that stand keep theirs."""
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            found = certificate.ensure(self._folder)
            if found.sha256 != self.certificate.sha256:
                self._configuration.load_cert_chain(str(certificate.file_in(self._folder)))
                self.certificate = found
                log.info("certificate renewed until %s", found.expires_at)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
