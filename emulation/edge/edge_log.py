"""CloudFront standard log lines. Source: "Standard logs (legacy): standard log file fields"."""

from __future__ import annotations

import time
from urllib.parse import quote

from emulation.aws.messages import Request, Response

FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end"
)
HEADER = f"#Version: 1.0\n#Fields: {FIELDS}"
LOCATION = "LCL50-C1"


def _text(value: str) -> str:
    return quote(value, safe="/:;,.=()*?&%+@-_~!$'") or "-"


def line(viewer: Request, response: Response, sent: int, taken: float, result: str, identity: str, domain: str) -> str:
    """One line, tab separated, in the order of ``FIELDS``. ``taken`` in seconds."""
    now = time.gmtime()
    kind = (response.header(b"content-type") or b"").decode("latin-1")
    values = (
        time.strftime("%Y-%m-%d", now),
        time.strftime("%H:%M:%S", now),
        LOCATION,
        str(sent),
        viewer.client,
        viewer.method,
        domain,
        _text(viewer.target),
        str(response.status),
        _text(viewer.text_header(b"referer")),
        _text(viewer.text_header(b"user-agent")),
        _text(viewer.query),
        "-",
        result,
        identity,
        viewer.text_header(b"host") or "-",
        viewer.scheme,
        str(len(viewer.content or b"")),
        f"{taken:.3f}",
        _text(viewer.text_header(b"x-forwarded-for")),
        "TLSv1.3" if viewer.scheme == "https" else "-",
        "-",
        result,
        "HTTP/1.1",
        "-",
        "-",
        "-",
        f"{taken:.3f}",
        result,
        _text(kind),
        str(len(response.body)),
        "-",
        "-",
    )
    return "\t".join(values)
