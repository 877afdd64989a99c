"""Decides which mappings the pump handles, and stops an emulator that would poll them itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from emulation.damage import DamagedStateError


class MappingSwitch(Protocol):
    async def switch_mapping(self, identifier: str, enabled: bool) -> dict[str, Any]: ...


@dataclass
class Takeover:
    """Our emulator host leaves streams to the pump: its mappings stay as deployed (``hands_off``).

    Any other emulator would pump too. There each enabled mapping is disabled and remembered with the time of that
    change; a mapping that is disabled and not remembered, or changed since, was disabled on purpose.
    """

    switch: MappingSwitch
    file: Path
    hands_off: bool | None = None
    _taken: dict[str, str] = field(default_factory=dict)

    async def ask(self, endpoint: str, session: aiohttp.ClientSession) -> None:
        """Find out which kind of emulator this is.

        Raises:
            aiohttp.ClientError: it does not answer.
        """
        async with session.get(f"{endpoint}/_health", timeout=aiohttp.ClientTimeout(total=10)) as answer:
            body = await answer.json(content_type=None) if answer.status == 200 else {}
        self.hands_off = isinstance(body, dict) and body.get("pumpsStreams") is False
        if not self.hands_off:
            self._taken = read(self.file)

    async def pumped(self, mappings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``mappings`` that were deployed as enabled; also switches off the emulator's own pollers for them."""
        streams = [one for one in mappings if one["EventSourceArn"].split(":")[2] in ("dynamodb", "kinesis")]
        if self.hands_off:
            return [one for one in streams if _enabled(one)]
        ours = []
        for mapping in streams:
            identifier = mapping["UUID"]
            if _enabled(mapping):
                changed = await self.switch.switch_mapping(identifier, enabled=False)
                self._remember(identifier, str(changed.get("LastModified", "")))
                ours.append(mapping)
            elif self._taken.get(identifier) == str(mapping.get("LastModified", "")):
                ours.append(mapping)
        return ours

    def _remember(self, identifier: str, modified: str) -> None:
        self._taken[identifier] = modified
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".new")
        temporary.write_text(json.dumps(self._taken))
        temporary.replace(self.file)


def read(file: Path) -> dict[str, str]:
    """What was taken over, by mapping; empty when nothing was.

    Raises:
        DamagedStateError: the file is not what was written.
    """
    try:
        found = json.loads(file.read_bytes()) if file.exists() else {}
        if not isinstance(found, dict):
            raise ValueError("expected an object of mappings")
    except ValueError as error:
        raise DamagedStateError(
            file, str(error), "It says which event source mappings were deployed enabled",
            "put back a copy of it, or remove it and deploy again",
        ) from None  # fmt: skip
    return found


def _enabled(mapping: dict[str, Any]) -> bool:
    return str(mapping.get("State", "Enabled")) in ("Enabled", "Enabling", "Creating", "Updating")
