"""Frames to ``@connections``: the effect of each API Gateway answer, with a server in the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.auth import SigV4Auth

from services.common import aws, data_calls
from services.realtime import adapter
from services.realtime.adapter import ConnectionGone, ManagementApi, SlowConsumer
from services.realtime.transport import TransportDown
from tests.support.sessions import new_session

#: Connection ids as API Gateway makes them: base64 text.
_DEVICE = "L0SM9cOFvHcCIhw="
_BODY = '{"type":"t","text":"こんにちは"}'.encode()


class Gateway(ThreadingHTTPServer):
    """Answers with the statuses of ``plan``, then repeats the last one; records requests."""

    daemon_threads = True

    def __init__(self, plan: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.plan = plan
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        status = self.server.plan[0] if len(self.server.plan) == 1 else self.server.plan.pop(0)
        if status == 0:
            self.server.release.wait(60)
            status = 200
        code = {410: "GoneException", 413: "PayloadTooLargeException", 429: "LimitExceededException"}.get(status)
        self.send_response(status)
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Disables request logging."""


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    session = new_session()
    monkeypatch.setattr(aws, "session", lambda: session)
    data_calls.credentials_source.cache_clear()
    yield
    data_calls.credentials_source.cache_clear()


@pytest.fixture
def gateway(request: pytest.FixtureRequest, credentials: None) -> Iterator[Gateway]:
    server = Gateway(list(request.param))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join(60)


@pytest.mark.parametrize("gateway", [[200]], indirect=True)
def test_a_frame_is_one_signed_request(gateway: Gateway) -> None:
    api = ManagementApi(gateway.url)
    api.post(_DEVICE, _BODY)
    api.post(_DEVICE, _BODY)
    assert len(gateway.came) == 2
    path, headers, body = gateway.came[0]
    assert (path, body) == ("/@connections/L0SM9cOFvHcCIhw%3D", _BODY)
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/us-east-1/execute-api/aws4_request" in headers["Authorization"]


@pytest.mark.parametrize("gateway", [[500, 200]], indirect=True)
def test_signatures_equal_those_of_botocores_client(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first request fails, so botocore's own client sends the frame again."""
    signed: list[list[str]] = []
    canonical = SigV4Auth.canonical_request

    def noted(self: SigV4Auth, request: object) -> str:
        text: str = canonical(self, request)
        signed.append(text.splitlines())
        return text

    monkeypatch.setattr(SigV4Auth, "canonical_request", noted)
    ManagementApi(gateway.url).post(_DEVICE, _BODY)
    ours, theirs = signed
    assert ours[:2] == theirs[:2] == ["POST", "/%40connections/L0SM9cOFvHcCIhw%253D"]
    paths, bodies = {path for path, _, _ in gateway.came}, {body for _, _, body in gateway.came}
    assert (paths, bodies) == ({"/@connections/L0SM9cOFvHcCIhw%3D"}, {_BODY})


@pytest.mark.parametrize("gateway", [[410]], indirect=True)
def test_a_gone_connection_is_not_retried(gateway: Gateway) -> None:
    with pytest.raises(ConnectionGone):
        ManagementApi(gateway.url).post(_DEVICE, _BODY)
    assert len(gateway.came) == 1


@pytest.mark.parametrize(
    ("gateway", "meaning"), [([413], SlowConsumer), ([429], SlowConsumer), ([500], TransportDown)], indirect=["gateway"]
)
def test_refusals_are_retried_and_distinguished(gateway: Gateway, meaning: type[Exception]) -> None:
    with pytest.raises(meaning):
        ManagementApi(gateway.url).post(_DEVICE, _BODY)
    assert len(gateway.came) > 1


@pytest.mark.parametrize("gateway", [[0]], indirect=True)
def test_a_device_that_hangs_is_stuck_after_one_timeout(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "POST_TIMEOUT", 0.2)
    with pytest.raises(SlowConsumer):
        ManagementApi(gateway.url).post(_DEVICE, _BODY)
    assert len(gateway.came) == 1


def test_an_api_that_cannot_be_reached_is_down(credentials: None) -> None:
    with pytest.raises(TransportDown):
        ManagementApi("http://127.0.0.1:9").post(_DEVICE, _BODY)
