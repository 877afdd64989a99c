"""Which requests each listener accepts: its host names, and the origins of pages that may call it.

``emulation/guard.py`` enforces these rules. Pages of the edge and of configured origins may call other servers; pages
of the console and the push service call only their own server; no other server has pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from emulation.guard import Doors
from emulation.settings import REGION, SERVERS, Settings

#: The emulator takes uploads, the gateway sign-ins and sockets.
_CALLED_BY_PAGES = frozenset(("edge", "gateway", "emulator", "webtransport", "sfu"))
#: These have pages that call themselves.
_WITH_PAGES = frozenset(("console", "push"))
#: Helpers of the kit and the tests, by listener.
_HELPERS: dict[str, tuple[str, ...]] = {
    "edge": ("/_reload", "/_fault", "/_sockets", "/_metrics"),
    "gateway": ("/_reload", "/_fault", "/_sockets", "/_metrics"),
    # MiniStack's own pages need no signature: mails, queues, text messages, keys of certificates, settings.
    "emulator": ("/_asyncsns/", "/_ministack/"),
    "push": ("/subscriptions",),
    "webtransport": ("/sessions",),
}
#: Of these, pages that tell nothing (health), and links with a secret in them: CloudFormation's answers, and code, as
#: S3's presigned links are on AWS.
_WITHOUT_HEADER: dict[str, tuple[str, ...]] = {
    "emulator": (
        *("/_ministack/health", "/_ministack/ready", "/_localstack/health"),
        *("/_ministack/cfn-response/", "/_ministack/cfn-signal/"),
        *("/_ministack/lambda-code/", "/_ministack/lambda-layers/"),
    ),
}
#: Bucket and key. MiniStack knows other APIs by what is in their paths (``/service/X/operation/Y``): not opened.
_OBJECT = re.compile(r"/([a-z0-9][a-z0-9.-]{2,62})/(?!.*(?i:operation|invocations)(?:/|$)).+")
_S3_SCOPE = re.compile(r"[^/]+/[0-9]{8}/[a-z0-9-]+/s3/aws4_request")
_SIGNATURE = frozenset(
    f"X-Amz-{part}" for part in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
)
_MORE_OF_A_LINK = frozenset(
    ("X-Amz-Security-Token", "response-content-disposition", "response-content-type", "response-cache-control")
)
_NO_SNIFFING = ((b"x-content-type-options", b"nosniff"),)
#: Nobody frames a page, and no page tells where it led from. The UI's pages have the distribution's own policy.
_NOT_FRAMED = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
#: Stand-ins for AWS send what AWS sends, and answer SDKs with no more than they need.
_OF_AWS = frozenset(("edge", "gateway", "emulator"))
_OWN_USE = ((b"cross-origin-resource-policy", b"same-origin"),)
_LOOPBACK = ("localhost", "127.0.0.1")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_api(host: str) -> bool:
    """Whether this is the name of an API's default endpoint. Only AWS controls where such names resolve."""
    return host.endswith(f".execute-api.{REGION}.amazonaws.com")


def is_distribution(host: str) -> bool:
    """Whether MiniStack may take this host for a CloudFront distribution, for which it serves files without a
    signature.

    The edge is CloudFront here, and requires the signature.
    """
    return ".cloudfront." in f".{host}"


def doors(
    settings: Settings,
    name: str,
    serves: Callable[[str], bool] = lambda host: False,
    is_bucket: Callable[[str], bool] = lambda bucket: False,
) -> Doors:
    """The doors of the listener that the settings know by this name.

    ``serves`` adds host names that are known at run time; ``is_bucket`` tells whose objects a presigned link may open.
    """

    def is_download(path: str, query: bytes) -> bool:
        found = _OBJECT.fullmatch(path)
        return found is not None and is_bucket(found[1]) and _is_presigned(query)

    return Doors(
        hosts=_hosts(settings),
        origins=_origins(settings, name),
        helpers=_HELPERS.get(name, ()),
        without_header=_WITHOUT_HEADER.get(name, ()),
        serves=serves,
        refuses=is_distribution if name == "emulator" else lambda host: False,
        opens=is_download if name == "emulator" else _OPENS.get(name, lambda path, query: False),
        always=_NO_SNIFFING if name in _OF_AWS else (*_NO_SNIFFING, *_NOT_FRAMED, *_OWN_USE),
        for_browsers=_NOT_FRAMED if name == "emulator" else (),
    )


def _hosts(settings: Settings) -> frozenset[str]:
    """The host names of every server, for servers and for browsers: in Compose each has a name of its own."""
    urls = [url for name in SERVERS for url in (settings.url(name), settings.public_url(name))]
    return frozenset(host for url in urls if (host := urlsplit(url).hostname)) | settings.allowed_hosts


def _origins(settings: Settings, name: str) -> frozenset[str]:
    if name in _CALLED_BY_PAGES:
        secure = settings.public_url("edge_tls").replace("http:", "https:", 1)
        pages = [*_spellings(settings.public_url("edge")), *_spellings(secure)]
        return frozenset(pages) | settings.allowed_origins
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


def _any(path: str, query: bytes) -> bool:
    return True


def _front_page(path: str, query: bytes) -> bool:
    return path == "/"


def _is_presigned(query: bytes) -> bool:
    """Each parameter of a link that S3 presigned, once.

    Other GETs of the AWS APIs may change something (``?Action=DeleteQueue``), and MiniStack finds some of them by path.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    found = dict(pairs)
    return (
        len(found) == len(pairs)
        and found.keys() >= _SIGNATURE
        and all(name in _SIGNATURE or name in _MORE_OF_A_LINK for name in found)
        and found["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        and _S3_SCOPE.fullmatch(found["X-Amz-Credential"]) is not None
    )


_OPENS: dict[str, Callable[[str, bytes], bool]] = {
    "edge": _any,
    "console": _front_page,
    "push": _front_page,
}
