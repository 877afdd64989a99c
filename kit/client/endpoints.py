"""Addresses of the deployed network, from ``endpoints.json``, which the finish step writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.settings import Settings


@dataclass(frozen=True)
class Endpoints:
    """``document`` is the whole file; the properties are its most used values."""

    document: dict[str, Any]

    @classmethod
    def load(cls, path: Path | None = None) -> Endpoints:
        """Read ``.asyncsns/endpoints.json``.

        Raises:
            FileNotFoundError: nothing was deployed; the message names the command that does.
            ValueError: the file is damaged.
        """
        file = path or Settings.load().endpoints_file
        try:
            document = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            raise FileNotFoundError(f"{file} is missing: nothing is deployed here, run `make up` first") from None
        except ValueError:
            raise ValueError(f"{file} is damaged: expected JSON; `make up` writes it again") from None
        if not isinstance(document, dict) or "baseUrl" not in document:
            raise ValueError(f"{file} is damaged: expected addresses; `make up` writes it again")
        return cls(document)

    @property
    def base_url(self) -> str:
        """The one origin of UI, API and media."""
        return Settings.load().reach(str(self.document["baseUrl"]))

    @property
    def realtime_url(self) -> str:
        return Settings.load().reach(str(self.document["realtimeUrl"]))

    @property
    def webtransport_url(self) -> str:
        """Where WebTransport sessions are opened.

        Raises:
            LookupError: this deployment has no such server.
        """
        found = self.document.get("webTransport")
        if not found:
            raise LookupError("this deployment has no WebTransport server")
        return Settings.load().reach(str(found["url"]))

    @property
    def gateway_api_url(self) -> str:
        """The HTTP API without CloudFront before it: it refuses (403) what CloudFront did not send."""
        http = self.document["apis"]["http"]
        if "gatewayUrl" in self.document:
            return f"{Settings.load().reach(self.document['gatewayUrl'])}/_api/{http}"
        return f"https://{http}.execute-api.{self.region}.amazonaws.com"

    @property
    def region(self) -> str:
        return str(self.document["region"])

    @property
    def emulator_url(self) -> str | None:
        """AWS API endpoint of the emulator; ``None`` on AWS."""
        url = self.document.get("emulatorUrl")
        return Settings.load().reach(url) if url else None

    @property
    def user_pool_id(self) -> str:
        return str(self.document["cognito"]["userPoolId"])

    @property
    def client_id(self) -> str:
        return str(self.document["cognito"]["clientId"])
