"""What each local listener lets in: the names of this network, and the pages that call it.

``local/guard.py`` keeps the doors; here the kit says which there are. The UI is the page that calls others; the console
and the push service call only themselves; nothing else has a page.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from local.guard import Doors
from local.settings import REGION, SERVERS, Settings

#: Port of `npm run dev` (``frontend-static/vite.config.ts``), without the offset.
_VITE_PORT = 5173
#: The emulator takes uploads, the gateway sign-ins and sockets.
_CALLED_BY_THE_UI = frozenset(("edge", "gateway", "emulator", "webtransport"))
#: These have pages that call themselves.
_WITH_PAGES = frozenset(("console", "push"))
#: Helpers of the kit and the tests, by listener.
_HELPERS: dict[str, tuple[str, ...]] = {
    "edge": ("/_reload", "/_fault"),
    "gateway": ("/_reload", "/_fault"),
    "emulator": ("/_asyncsns/", "/_ministack/reset", "/_ministack/config"),
    "push": ("/subscriptions",),
    "webtransport": ("/sessions",),
}
_LOOPBACK = ("localhost", "127.0.0.1")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_api(host: str) -> bool:
    """Whether this is the name of an API's default endpoint. Nobody but AWS says where such names lead."""
    return host.endswith(f".execute-api.{REGION}.amazonaws.com")


def is_api_or_distribution(host: str) -> bool:
    """The same for the domain names of CloudFront."""
    return is_api(host) or host.endswith(".cloudfront.net")


def doors(settings: Settings, name: str, serves: Callable[[str], bool] | None = None) -> Doors:
    """The doors of the listener that the settings know by this name; ``serves`` adds names known at run time."""
    return Doors(
        hosts=_hosts(settings),
        origins=_origins(settings, name),
        helpers=_HELPERS.get(name, ()),
        serves=serves or (lambda host: False),
        opens=_OPENS.get(name, lambda path, query: False),
    )


def _hosts(settings: Settings) -> frozenset[str]:
    """Of every server, as servers and as browsers call it: in Compose each has a name of its own."""
    urls = [url for name in SERVERS for url in (settings.url(name), settings.public_url(name))]
    urls += [os.environ.get("ASYNCSNS_LAMBDA_EMULATOR_URL", ""), os.environ.get("ASYNCSNS_LAMBDA_OPENSEARCH_URL", "")]
    return frozenset(host for url in urls if (host := urlsplit(url).hostname)) | _listed("ASYNCSNS_ALLOWED_HOSTS")


def _origins(settings: Settings, name: str) -> frozenset[str]:
    if name in _CALLED_BY_THE_UI:
        secure = settings.public_url("edge_tls").replace("http:", "https:", 1)
        vite = f"http://localhost:{_VITE_PORT + settings.port_offset}"
        pages = [*_spellings(settings.public_url("edge")), *_spellings(secure), *_spellings(vite)]
        return frozenset(pages) | _listed("ASYNCSNS_ALLOWED_ORIGINS")
    own = _spellings(settings.public_url(name)) if name in _WITH_PAGES else []
    # Firefox itself, not a page, names as its origin the address that its preferences give it.
    firefox = [f"{one}/".replace("http", "ws", 1) for one in own] if name == "push" else []
    return frozenset(own + firefox)


def _spellings(url: str) -> list[str]:
    """The origin of a URL as a browser sends it; on this machine by each name that a person may type."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    names = _LOOPBACK if parts.hostname in _LOOPBACK else (parts.hostname,)
    return [f"{parts.scheme}://{name}{port}" for name in names]


def _listed(variable: str) -> frozenset[str]:
    return frozenset(one.strip().lower().rstrip("/") for one in os.environ.get(variable, "").split(",") if one.strip())


def _any(path: str, query: bytes) -> bool:
    return True


def _front_page(path: str, query: bytes) -> bool:
    return path == "/"


def _is_download(path: str, query: bytes) -> bool:
    """A presigned link to an object, as the UI opens for an export: nothing but S3's own parameters.

    Other GETs of the AWS APIs may change something (``?Action=DeleteQueue``).
    """
    names = {name.lower() for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    is_presigned = {"x-amz-signature", "x-amz-credential"} <= names
    return is_presigned and all(one.startswith(("x-amz-", "response-")) for one in names) and not path.startswith("/_")


def _of_the_emulator(path: str, query: bytes) -> bool:
    """Downloads, and what the edge passes on to an API: it has judged the page already."""
    return path.startswith("/_aws/execute-api/") or _is_download(path, query)


_OPENS: dict[str, Callable[[str, bytes], bool]] = {
    "edge": _any,
    "console": _any,
    "push": _front_page,
    "emulator": _of_the_emulator,
}
