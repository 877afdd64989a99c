"""Responds to DynamoDB's calls on items where their bytes arrive: no task, no ASGI messages, not MiniStack's router.

A page of a timeline is three such calls, a post a dozen. Half of what one cost was not DynamoDB's work. The checks are
the same ones: of the listener (``emulation.guard``), of the signature and of the policies. Every call that is unusual
in any way (another header, a browser, a fault, a meter that runs, a refused right) goes on to uvicorn and MiniStack as
before, which word the response.

Wire format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from contextvars import Context
from http import HTTPStatus
from typing import Any, NamedTuple

from emulation.emulator import seams
from emulation.emulator.journal import Journal
from emulation.emulator.principals import SECONDS
from emulation.emulator.signatures import is_signed_by, pinned
from emulation.guard import Judge

log = logging.getLogger("emulation.emulator")

Headers = list[tuple[bytes, bytes]]
#: Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_TARGET = b"DynamoDB_20120810."
#: Operations whose changes the journal records (``touches.JOURNALLED``), or that change nothing.
OPERATIONS = frozenset({
    b"BatchGetItem", b"BatchWriteItem", b"DeleteItem", b"GetItem", b"PutItem", b"Query", b"Scan",
    b"TransactGetItems", b"TransactWriteItems", b"UpdateItem",
})  # fmt: skip
_READS = (".BatchGetItem", ".GetItem", ".Query", ".Scan", ".TransactGetItems")
_START = b"POST / HTTP/1.1\r\n"
#: What SDKs send with such a call. None of these changes how it is read, except for the length.
_KNOWN = frozenset({
    b"accept", b"accept-encoding", b"amz-sdk-invocation-id", b"amz-sdk-request", b"authorization", b"content-length",
    b"content-type", b"host", b"user-agent", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token",
    b"x-amz-target", b"x-amzn-trace-id",
})  # fmt: skip
_CONTENT_TYPE = b"application/x-amz-json-1.0"
_SERVICE = "dynamodb"
#: Members of a request on which a decision depends besides its tables.
_DECIDES_TOO = frozenset(("AttributesToGet", "TransactItems"))
_KEPT = 512


class ItemCall(NamedTuple):
    """One whole request."""

    headers: Headers
    #: Header names in lower case.
    named: dict[str, str]
    body: bytes


def item_call(data: bytes) -> ItemCall | None:
    """The request, if ``data`` is exactly one call on items in its common form; None for anything else.

    Source: RFC 9112, section 5 (no line folding, no space before the colon).
    """
    end = data.find(b"\r\n\r\n")
    if end < 0 or not data.startswith(_START):
        return None
    head = data[len(_START) : end]
    lines = head.split(b"\r\n")
    if head.count(b"\r") != len(lines) - 1 or head.count(b"\n") != len(lines) - 1 or b"\0" in head:
        return None
    if not head.isascii():
        return None
    headers = []
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name not in _KNOWN:
            return None
        headers.append((name, value.strip(b" \t")))
    found = dict(headers)
    service, _, operation = found.get(b"x-amz-target", b"").partition(b".")
    if len(found) != len(headers) or service + b"." != _TARGET or operation not in OPERATIONS:
        return None
    body, length = data[end + 4 :], found.get(b"content-length", b"")
    if not length.isdigit() or int(length) != len(body) or found.get(b"content-type") != _CONTENT_TYPE:
        return None
    return ItemCall(headers, {name.decode(): value.decode() for name, value in headers}, body)


class Allowed(NamedTuple):
    """A decision of the policies that is taken again."""

    until: float
    secret: str
    account: str
    region: str


class ParsedOnce:
    """Stands for the module ``json`` in MiniStack's modules that parse the same body one after the other."""

    def __init__(self) -> None:
        self._text: bytes | None = None
        self._value: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(json, name)

    def keep(self, text: bytes) -> Any:
        """The value; from now on ``loads`` of these bytes, the very same object, returns it too.

        Raises:
            ValueError: the bytes are no JSON.
        """
        self._value = json.loads(text)
        self._text = text
        return self._value

    def forget(self) -> None:
        self._text = self._value = None

    def loads(self, text: Any, *arguments: Any, **named: Any) -> Any:
        if text is self._text and text is not None:
            return self._value
        return json.loads(text, *arguments, **named)


class ItemCalls:
    """Answers whole requests; give ``answer`` to ``DirectProtocol``.

    Args:
        judge: of this listener.
        journal: where changes must be before their response leaves.
        is_usual: whether nothing stands in the way, such as a fault or a meter.
        always: headers of every response of this listener.
    """

    def __init__(
        self, judge: Judge, journal: Journal, is_usual: Callable[[], bool], always: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        self._judge, self._journal, self._is_usual = judge, journal, is_usual
        self._always = b"".join(b"%b: %b\r\n" % pair for pair in always)
        self._app, self._responses = seams.module("app"), seams.module("core.responses")
        self._actions, self._evaluator = seams.module("core.iam_actions"), seams.module("core.iam_evaluator")
        self._dynamodb = seams.module("services.dynamodb")
        self._parsed = ParsedOnce()
        # The checks only look at what they parsed; the operation, which may change it, is the last to get it.
        self._actions.json = self._dynamodb.json = self._parsed
        #: By caller and what is asked for; as long as principals are kept.
        self._allowed: dict[tuple[Any, ...], Allowed] = {}

    def answer(self, data: bytes, client: str) -> bytes | None:
        """The response, head and body; None when this request has to go the usual way.

        Raises:
            OSError: the journal could not be written; nothing may be acknowledged.
        """
        call = item_call(data) if self._is_usual() else None
        if call is None or self._judge.refusal("POST", "/", b"", call.headers) is not None:
            return None
        if self._app._get_reset_lock().locked() or (self._journal.fsync and not self._is_kept(call)):
            return None
        return Context().run(self._answered, call, client)

    def _is_kept(self, call: ItemCall) -> bool:
        """Whether it changes nothing, and all that it could read is on the disk."""
        self._journal.flush()
        return call.named["x-amz-target"].endswith(_READS) and self._journal.synced >= self._journal.written

    def _answered(self, call: ItemCall, client: str) -> bytes | None:
        try:
            data = self._parsed.keep(call.body)
        except ValueError:
            return None
        try:
            if not self._may(call, data, client):
                return None
            answer = self._done(call)
        finally:
            self._parsed.forget()
        request_id = str(uuid.uuid4())
        record = self._app._maybe_record_cloudtrail
        record(_SERVICE, "POST", "/", call.named, call.body, {}, request_id, self._responses.get_region())
        # Before the answer leaves: what is acknowledged must be with the system.
        self._journal.flush()
        return self._framed(answer, request_id)

    def _may(self, call: ItemCall, data: Any, client: str) -> bool:
        """Whether the signature is valid and the policies allow the call."""
        asked = _asked(call, data, client)
        known, now = self._allowed.get(asked) if asked else None, time.monotonic()
        if known is None or now >= known.until:
            allowed = self._is_allowed(call, client)
            if allowed and asked:
                self._remember(asked, call, now)
            return allowed
        request = pinned("POST", "/", {}, call.headers)
        if request is None:
            return False
        request.body = call.body
        if not is_signed_by(request, known.secret, time.time()):
            return False
        self._app.set_request_account_id(known.account)
        self._app.set_request_region(known.region)
        return True

    def _remember(self, asked: tuple[Any, ...], call: ItemCall, now: float) -> None:
        account, token = self._responses.get_account_id(), call.named.get("x-amz-security-token", "")
        key = self._app.extract_access_key_id(call.named, {})
        credential = self._evaluator.resolve_credential(key, account, token)
        self._allowed.pop(asked, None)
        if not isinstance(credential, self._evaluator.CredentialResolutionError):
            while len(self._allowed) >= _KEPT:
                self._allowed.pop(next(iter(self._allowed)))
            secret, region = credential.secret_access_key, self._responses.get_region()
            self._allowed[asked] = Allowed(now + SECONDS, secret, account, region)

    def _is_allowed(self, call: ItemCall, client: str) -> bool:
        """As ``_may``, in the order of MiniStack's ``app`` and dispatch."""
        app, actions, evaluator, headers, body = self._app, self._actions, self._evaluator, call.named, call.body
        app.set_request_client_ip(client)
        app.pin_request_origin(client, False)
        key = app.extract_access_key_id(headers, {})
        if not key:
            return False
        try:
            app.set_request_account_id(app._request_account_scope(key))
        except app.AmbiguousAccessKeyError:
            return False
        region = app.extract_region(headers, {})
        app.set_request_region(region)
        app.pin_signed_request("POST", "/", {}, call.headers)
        app.pin_signed_body(body)
        evaluator.pin_request_caller(headers, {})
        action = actions.extract_iam_action(_SERVICE, "POST", "/", headers, body, {})
        if action is None:
            return False
        account = self._responses.get_account_id()
        context = {
            **actions.request_tag_context(_SERVICE, action, body, {}),
            **(actions.dynamodb_service_context(body) or {}),
        }
        if checks := actions.dynamodb_transaction_checks(action, body, region, account):
            context["dynamodb:EnclosingOperation"] = [action.split(":", 1)[1]]
        else:
            first = actions.extract_resource_arn(_SERVICE, "POST", "/", headers, body, {}, region, account)
            further = actions.dynamodb_resource_arns(body, region, account)[1:]
            checks = [(action, arn) for arn in (first, *further)]
        return not any(
            evaluator.enforce(key, right, _SERVICE, region, resource_arn=arn, service_context=context)
            for right, arn in checks
        )

    def _done(self, call: ItemCall) -> Answer:
        try:
            status, headers, body = _at_once(self._dynamodb.handle_request("POST", "/", call.named, call.body, {}))
        except Exception as error:  # as MiniStack's dispatch has it
            log.exception("Error handling dynamodb request: %s", error)
            text = json.dumps({"__type": "InternalError", "message": str(error)})
            return 500, {"Content-Type": "application/json"}, text.encode()
        self._responses.fix_error_content_type(_SERVICE, status, headers)
        self._responses.fix_success_content_type(_SERVICE, status, headers)
        return status, headers, body if isinstance(body, bytes) else body.encode()

    def _framed(self, answer: Answer, request_id: str) -> bytes:
        status, headers, body = answer
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}x-amzn-requestid: {request_id}\r\n"
            f"content-length: {len(body)}\r\ndate: {self._app.formatdate(usegmt=True)}\r\n"
        )
        return b"%b%b\r\n%b" % (head.encode("latin-1"), self._always, body)


def _asked(call: ItemCall, data: Any, client: str) -> tuple[Any, ...] | None:
    """What a decision depends on: caller, operation, tables, index and attributes. None where it depends on more:
    attributes of the old kind, and transactions, each of whose actions is a right of its own.
    """
    if not isinstance(data, dict) or not _DECIDES_TOO.isdisjoint(data):
        return None
    named = call.named
    batch = data.get("RequestItems")
    tables = tuple(batch) if isinstance(batch, dict) else (data.get("TableName"),)
    # Up to its scope: the signature differs each time.
    caller = named.get("authorization", "").partition(", ")[0]
    shown = data.get("ProjectionExpression")
    names = json.dumps(data.get("ExpressionAttributeNames")) if shown else ""
    asked = (*tables, data.get("IndexName"), data.get("Select"), shown, names)
    if not all(one is None or isinstance(one, str) for one in asked):
        return None
    return caller, named.get("x-amz-security-token", ""), named["x-amz-target"], client, asked


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing.

    Raises:
        RuntimeError: it waits; DynamoDB of the pinned MiniStack never does.
    """
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise RuntimeError("expected DynamoDB to answer without waiting")
