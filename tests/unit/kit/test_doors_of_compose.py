"""In Compose each server has its own host name: the guard lets servers call each other, and the UI call them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
import yaml

from emulation.doors import doors
from emulation.guard import Judge
from emulation.settings import Settings
from kit.settings import checkout_root


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Environment variables of the kit's containers, with the defaults of ``compose.yaml``."""
    document = yaml.safe_load((checkout_root() / "compose.yaml").read_text("utf-8"))
    found = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in document["x-kit-environment"].items()
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def refused(name: str, host: str, origin: str = "") -> int | None:
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    refusal = Judge(doors(Settings(), name)).refusal("POST", "/", b"", headers)
    return refusal.status if refusal else None


@pytest.mark.parametrize("name", ["emulator", "edge", "gateway", "console", "push", "pump", "sfu"])
def test_servers_call_each_other_by_the_names_of_their_containers(name: str, environment: dict[str, str]) -> None:
    urls = [value for key, value in environment.items() if key.startswith(("EMULATION_URL_", "EMULATION_PUBLIC_URL_"))]
    assert len(urls) > 10
    for url in urls:
        assert refused(name, urlsplit(url).netloc) is None, url
    assert refused(name, "evil.test") == 421
    assert refused(name, "emulator.evil.test") == 421


def test_the_ui_calls_where_it_is_published(environment: dict[str, str]) -> None:
    for name in ("emulator", "edge", "gateway", "sfu"):
        for origin in ("http://localhost:8080", "http://127.0.0.1:8080", "https://localhost:8443"):
            assert refused(name, "localhost", origin) is None
        for origin in ("http://emulator:4566", "http://edge:8080", "http://localhost:8082"):
            assert refused(name, "localhost", origin) == 403
