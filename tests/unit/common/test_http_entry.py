"""An HTTP function checks the origin, applies limits, runs a command once, and answers; each step can refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from fastapi import APIRouter, Request, Response

from services.common.entry import http as entry
from services.common.entry import http_and_socket_handler, http_handler
from services.common.errors import AccountSuspended, InProgress, SignedOut, Unavailable
from services.common.http import PROBLEM, Body, create_app
from services.common.limits import Admission, LimitReached, Policy
from services.common.settings import CommandSettings
from services.common.sockets import SocketActions
from tests.support.lambdas import Context, socket_event

SETTINGS = CommandSettings(table_idempotency="idempotency", origin_secret="secret")
ADMISSION = Admission(Policy("posts", 30, 300), 7, 12)


class Desk:
    """Fakes of the steps before the application; each records its arguments and answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.noted: dict[str, Any] = {}
        self.is_of_cloudfront: bool | Exception = True
        self.admission: Admission | Exception | None = None
        self.record: dict[str, Any] | Exception | None = None

    def admits(self, event: Any) -> bool:
        self.asked.append(("gate", event["rawPath"]))
        if isinstance(self.is_of_cloudfront, Exception):
            raise self.is_of_cloudfront
        return self.is_of_cloudfront

    def admit_request(self, *arguments: Any) -> Admission | None:
        self.asked.append(("limits", *arguments))
        if isinstance(self.admission, Exception):
            raise self.admission
        return self.admission

    def run(self, serve: Callable[[Any, Any], Any], event: Any, context: Any, key: str) -> Any:
        self.asked.append(("once", key))
        if isinstance(self.record, Exception):
            raise self.record
        return self.record or serve(event, context)


@pytest.fixture(autouse=True)
def event_loop_of_this_thread() -> Iterator[None]:
    """Mangum runs the application on this loop; it would never close a loop that it made itself."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()

    def made_of(expected: object) -> Callable[[object], Desk]:
        return {expected: made}.__getitem__

    monkeypatch.setattr(entry.OriginGate, "of", made_of(SETTINGS.origin_secret))
    monkeypatch.setattr(entry.CommandLimits, "of", made_of(SETTINGS))
    monkeypatch.setattr(entry, "Once", made_of(SETTINGS))
    monkeypatch.setattr(entry, "note", made.noted.update)
    return made


@pytest.fixture
def handler(desk: Desk) -> Any:
    return http_handler(create_app("things", _router()), SETTINGS)


def _router() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/context")
    @router.post("/v1/context")
    def context(request: Request) -> str:
        return str(request.scope["aws.context"].aws_request_id)

    @router.get("/v1/things/{name}")
    @router.post("/v1/things/{name}")
    async def thing(name: str, request: Request) -> dict[str, str]:
        return {"name": name, "body": (await request.body()).decode()}

    @router.get("/v1/picture")
    def picture() -> Response:
        return Response(b"\x89PNG", media_type="image/png")

    @router.get("/v1/problem")
    def problem() -> Response:
        return Response("{}", media_type=PROBLEM)

    return router


def request(
    method: str, path: str, *, user: str | None = "ann", key: str | None = None, at: str = ""
) -> dict[str, Any]:
    claims = {"sub": user} | ({"auth_time": at} if at else {}) if user else {}
    return {
        "version": "2.0", "routeKey": "ANY /v1/{proxy+}", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "api"} | ({"idempotency-key": key} if key is not None else {}),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            "stage": "$default", "authorizer": {"jwt": {"claims": claims}},
        },
        "body": "b", "isBase64Encoded": False,
    }  # fmt: skip


def problem(answer: dict[str, Any]) -> tuple[int, str]:
    assert answer["headers"]["content-type"] == PROBLEM
    assert answer["isBase64Encoded"] is False
    document = json.loads(answer["body"])
    assert document["status"] == answer["statusCode"]
    return answer["statusCode"], document["type"]


def test_a_command_passes_gate_limits_and_idempotency_in_order(desk: Desk, handler: Any) -> None:
    desk.admission = ADMISSION
    answer = handler(request("POST", "/v1/things/a%20b", key="k", at="99"), Context())
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"name": "a b", "body": "b"})
    assert desk.asked == [("gate", "/v1/things/a%20b"), ("limits", "ann", "POST", "/v1/things/a b", 99), ("once", "k")]
    assert answer["headers"]["ratelimit"] == '"posts";r=7;t=12'
    assert answer["headers"]["content-type"] == "application/json"
    assert desk.noted == {"operation": "POST /v1/things/{name}", "caller": "ann", "status": 200}


def test_uncounted_requests_have_no_rate_limit_headers(desk: Desk, handler: Any) -> None:
    answer = handler(request("POST", "/v1/things/a"), Context())
    assert answer["statusCode"] == 200
    assert "ratelimit" not in answer["headers"]


def test_visitors_are_not_counted(desk: Desk, handler: Any) -> None:
    assert handler(request("GET", "/v1/things/a", user=None), Context())["statusCode"] == 200
    assert [name for name, *_ in desk.asked] == ["gate"]


def test_requests_that_bypass_the_distribution_are_refused(desk: Desk, handler: Any) -> None:
    desk.is_of_cloudfront = False
    assert problem(handler(request("GET", "/v1/things/a"), Context())) == (403, "forbidden")
    assert [name for name, *_ in desk.asked] == ["gate"]
    assert desk.noted == {"operation": "ANY /v1/{proxy+}", "caller": "ann", "status": 403}


def test_an_unreadable_origin_secret_is_503(desk: Desk, handler: Any) -> None:
    desk.is_of_cloudfront = Unavailable("The API can't check the origin of requests right now. Try again.")
    assert problem(handler(request("GET", "/v1/things/a"), Context())) == (503, "unavailable")


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (AccountSuspended("no"), (403, "account-suspended")),
        (SignedOut("no"), (401, "signed-out")),
        (ConnectTimeoutError(endpoint_url="x"), (503, "unavailable")),
        (LimitReached(ADMISSION), (429, "too-many-requests")),
    ],
)
def test_a_refused_actor_learns_the_reason(desk: Desk, handler: Any, refusal: Exception, told: tuple[int, str]) -> None:
    desk.admission = refusal
    answer = handler(request("POST", "/v1/things/a", key="k"), Context())
    assert problem(answer) == told
    assert [name for name, *_ in desk.asked] == ["gate", "limits"]
    if isinstance(refusal, LimitReached):
        assert refusal.headers().items() <= answer["headers"].items()


def test_an_internal_error_of_the_limiter_is_raised(desk: Desk, handler: Any) -> None:
    desk.admission = ClientError({"Error": {"Code": "ValidationException"}}, "UpdateItem")
    with pytest.raises(ClientError):
        handler(request("POST", "/v1/things/a"), Context())


@pytest.mark.parametrize("key", ["k", "k" * 64])
def test_the_stored_answer_is_returned_again(desk: Desk, handler: Any, key: str) -> None:
    desk.admission, desk.record = ADMISSION, {"statusCode": 201}
    answer = handler(request("POST", "/v1/things/a", key=key), Context())
    assert answer == {"statusCode": 201, "headers": ADMISSION.headers()}


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_has_1_to_64_characters(desk: Desk, handler: Any, key: str) -> None:
    answer = handler(request("POST", "/v1/things/a", key=key), Context())
    assert problem(answer)[0] == 400
    (fault,) = json.loads(answer["body"])["errors"]
    assert fault == {"field": "Idempotency-Key", "expected": "1 to 64 characters", "got": f"{len(key)} characters"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/things/a", 200),
        ("HEAD", "/v1/things/a", 405),
        ("POST", "/v1/nothing", 404),
        ("PUT", "/v1/things/a", 405),
    ],
)
def test_unknown_commands_and_reads_store_no_idempotency_key(
    desk: Desk, handler: Any, method: str, path: str, status: int
) -> None:
    assert handler(request(method, path, key="k" * 65), Context())["statusCode"] == status
    assert "once" not in [name for name, *_ in desk.asked]


def test_a_retry_during_the_first_run_is_refused(desk: Desk, handler: Any) -> None:
    desk.admission, desk.record = ADMISSION, InProgress("A command with this Idempotency-Key is still running.")
    answer = handler(request("POST", "/v1/things/a", key="k"), Context())
    assert problem(answer) == (409, "in-progress")
    assert ADMISSION.headers().items() <= answer["headers"].items()


def test_the_application_gets_the_functions_context(desk: Desk) -> None:
    app = create_app("things", _router())
    for made in (
        http_handler(app, SETTINGS),
        http_and_socket_handler(app, SocketActions(), Replies, SETTINGS),
    ):
        for asked in (
            request("GET", "/v1/context"),
            request("GET", "/v1/context", user=None),
            request("POST", "/v1/context", key="k"),
        ):
            assert json.loads(made(asked, Context())["body"]) == "request"


def test_text_bodies_stay_text_and_others_are_base64(desk: Desk, handler: Any) -> None:
    told = [handler(request("GET", f"/v1/{path}"), Context())["isBase64Encoded"] for path in ("problem", "picture")]
    assert told == [False, True]


def test_a_thread_without_an_event_loop_gets_one(desk: Desk, handler: Any) -> None:
    def serve() -> int:
        try:
            return int(handler(request("GET", "/v1/things/a"), Context())["statusCode"])
        finally:
            asyncio.get_event_loop_policy().get_event_loop().close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(serve).result(60) == 200


class Replies:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def reply(self, device: str, frame: Any) -> None:
        self.sent.append((device, frame))


def test_one_function_answers_both_apis(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    replies, actions, admitted = Replies(), SocketActions(), []
    monkeypatch.setattr(desk, "admit_action", lambda *one: admitted.append(one), raising=False)
    actions.on("ping", Body, lambda request, data: None, answer="pong")
    opened: list[Any] = []

    def connect(event: Any) -> dict[str, Any]:
        opened.append(event)
        return {"statusCode": 401}

    app = create_app("things", _router())
    handler = http_and_socket_handler(app, actions, lambda: replies, SETTINGS, {"CONNECT": connect})
    assert handler(request("GET", "/v1/things/a"), Context())["statusCode"] == 200
    assert desk.noted["operation"] == "GET /v1/things/{name}"

    connecting = socket_event("CONNECT", user="ann", device="d")
    assert handler(connecting, Context()) == {"statusCode": 401}
    assert opened == [connecting]
    assert desk.noted == {"operation": "$connect", "caller": "ann", "status": 401}

    said = socket_event("MESSAGE", user="bob", device="d", body={"action": "nothing", "id": "1"})
    assert handler(said, Context()) == {"statusCode": 200}
    ((device, frame),) = replies.sent
    assert (device, frame["id"], frame["error"]["status"]) == ("d", "1", 400)
    assert desk.noted["operation"] == "$default"
    assert desk.noted["caller"] == "bob"

    ping = socket_event("MESSAGE", user="bob", device="d", body={"action": "ping", "id": "2"})
    handler(ping, Context())
    assert replies.sent[-1] == ("d", {"type": "pong", "id": "2", "data": {}})
    assert admitted == [("bob", "ping")]


def test_a_function_without_a_life_cycle_handles_only_messages(desk: Desk) -> None:
    replies = Replies()
    handler = http_and_socket_handler(create_app("things"), SocketActions(), lambda: replies, SETTINGS)
    assert handler(socket_event("CONNECT", user="ann", device="d"), Context()) == {"statusCode": 200}
    assert len(replies.sent) == 1
