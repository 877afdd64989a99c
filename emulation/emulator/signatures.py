"""Checks every signature, including the root user's, fast enough for one event loop.

MiniStack checks those of roles and users, accepts any signature of the root user, and treats a request with another
kind of ``Authorization`` (``Bearer x``), or in some places with none, as the root user's. Sources: AWS IAM User Guide,
"Troubleshoot AWS API signature errors" and "Create a signed AWS API request"; Amazon S3 API Reference, "Error
responses".

Requests as the SDKs send them are checked here, in a tenth of MiniStack's time. Invalid requests and other forms (query
strings, presigned links, chunks) go on to MiniStack's own check, which words the error.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from emulation.emulator import seams
from emulation.signature import CredentialScope, canonical_path, signature

RawHeaders = list[tuple[bytes, bytes]]

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature="
)
_AMZ_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Before these a path is normalised: left to MiniStack.
_NOT_PLAIN = re.compile(r"//|/\.{1,2}(?:/|$)")
#: The least that any service allows between the client's clock and its own; more is MiniStack's to decide.
_SKEW_SECONDS = 300
#: A credential that was found is taken again for so long (principals.SECONDS says why).
_KEPT_SECONDS, _KEPT = 1.0, 512
#: Of S3, which buckets may let everybody use, these are of an account and not of a bucket.
_OF_THE_ACCOUNT = frozenset(("s3:CreateBucket", "s3:ListAllMyBuckets", "s3:ListAllMyDirectoryBuckets"))
MISSING = ("MissingAuthenticationToken", "Request is missing Authentication Token")


class Authorization(NamedTuple):
    """An ``Authorization`` header but for its signature."""

    access_key_id: str
    scope: CredentialScope
    signed: tuple[bytes, ...]
    signed_headers: str


@dataclass
class Pinned:
    """A request signed by header, kept unparsed until something needs its principal."""

    authorization: Authorization
    signature: str
    method: str
    raw_path: str
    raw_headers: RawHeaders
    headers: dict[bytes, bytes]
    body: bytes = b""
    #: MiniStack's ``SignedRequest`` has it; true of presigned links alone.
    s3_scoped: bool = False

    @property
    def access_key_id(self) -> str:
        return self.authorization.access_key_id


@lru_cache(maxsize=1024)
def parse_authorization(prefix: str) -> Authorization | None:
    """All of the header up to the signature: the same for each request of a client, day and service."""
    found = _AUTHORIZATION.fullmatch(prefix)
    if found is None:
        return None
    key, date, region, service, names = found.groups()
    return Authorization(
        key, CredentialScope(date, region, service), tuple(one.encode() for one in names.split(";")), names
    )


@lru_cache(maxsize=64)
def seconds_of(amz_date: str) -> int:
    """``YYYYMMDDTHHMMSSZ`` as seconds since 1970; 0 for anything else."""
    if _AMZ_DATE.fullmatch(amz_date) is None:
        return 0
    try:
        return calendar.timegm(time.strptime(amz_date, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return 0


def pinned(method: str, raw_path: str, query: Any, raw_headers: RawHeaders) -> Pinned | None:
    """The request, if it has the common form: signed by header, without a query string, each header sent once."""
    headers = dict(raw_headers)
    given = headers.get(b"authorization", b"")
    if query or len(headers) != len(raw_headers) or not given.startswith(b"AWS4-HMAC-SHA256 "):
        return None
    text = given.decode("latin-1")
    start = len(text) - 64
    authorization = parse_authorization(text[:start])
    if authorization is None or _NOT_PLAIN.search(raw_path):
        return None
    return Pinned(authorization, text[start:], method, raw_path, raw_headers, headers)


def is_signed_by(request: Pinned, secret: str, now: float) -> bool:
    """Whether the signature is valid for the request and recent."""
    authorization, headers = request.authorization, request.headers
    amz_date = headers.get(b"x-amz-date", b"").decode("latin-1")
    scope, names = authorization.scope, authorization.signed
    if b"host" not in names or abs(now - seconds_of(amz_date)) > _SKEW_SECONDS or amz_date[:8] != scope.date:
        return False
    payload = _payload_hash(request)
    if payload is None or any(name not in headers for name in names):
        return False
    try:
        lines = b"".join(b"%b:%b\n" % (name, b" ".join(headers[name].split())) for name in names).decode()
    except UnicodeDecodeError:
        return False
    path = canonical_path(request.raw_path, scope.service)
    canonical = f"{request.method}\n{path}\n\n{lines}\n{authorization.signed_headers}\n{payload}"
    return hmac.compare_digest(signature(secret, scope, amz_date, canonical), request.signature)


def _payload_hash(request: Pinned) -> str | None:
    """The signed hash of the body; None when the body differs, or is signed in chunks."""
    said = request.headers.get(b"x-amz-content-sha256", b"").decode("latin-1")
    if said and _SHA256.fullmatch(said) is None:
        return said if said == "UNSIGNED-PAYLOAD" else None
    found = hashlib.sha256(request.body).hexdigest()
    return found if said in ("", found) else None


class Checks:
    """MiniStack's checks of one evaluator, ours before them."""

    def __init__(self, evaluator: Any) -> None:
        self._evaluator = evaluator
        self._pin, self._pin_body = evaluator.pin_signed_request, evaluator.pin_signed_body
        self._authenticate = evaluator.authenticate
        self._enforce, self._check = evaluator.enforce, evaluator.check_credentials
        self._known: dict[tuple[str, str, str], tuple[float, Any]] = {}

    def pin(self, method: str, raw_path: str, query: Any, raw_headers: RawHeaders, handshake: bool = False) -> None:
        request = None if handshake else pinned(method, raw_path, query, raw_headers)
        if request is None:
            self._pin(method, raw_path, query, raw_headers, handshake)
            return
        self._evaluator._verified_key.set("")
        self._evaluator._anonymous.set(False)
        self._evaluator._signed_request.set(request)

    def pin_body(self, body: bytes) -> None:
        request = self._evaluator._signed_request.get()
        if isinstance(request, Pinned):
            request.body = body
        else:
            self._pin_body(body)

    def authenticate(self, access_key_id: str, account_id: str) -> Any:
        """The credential, an ``AuthError``, or None when nothing was signed or all was checked before."""
        evaluator = self._evaluator
        request = evaluator._signed_request.get()
        if not isinstance(request, Pinned):
            return self._authenticate(access_key_id, account_id)
        if request.access_key_id != access_key_id:
            return None
        credential = self._credential(request, account_id)
        if credential is not None and is_signed_by(request, credential.secret_access_key, time.time()):
            evaluator._signed_request.set(None)
            evaluator._verified_key.set(access_key_id)
            return credential
        self._pin(request.method, request.raw_path, {}, request.raw_headers)
        self._pin_body(request.body)
        return self._wrong_body(request) or self._authenticate(access_key_id, account_id)

    def _wrong_body(self, request: Pinned) -> Any:
        """MiniStack verifies with the hash that was sent, without checking the body."""
        said = request.headers.get(b"x-amz-content-sha256", b"").decode("latin-1")
        if _SHA256.fullmatch(said) is None or said == hashlib.sha256(request.body).hexdigest():
            return None
        return self._evaluator.AuthError("SignatureDoesNotMatch", seams.module("core.sigv4").SIGNATURE_MISMATCH)

    def _credential(self, request: Pinned, account_id: str) -> Any:
        """The principal of the request's key and session token, or None; cached for a second."""
        token = request.headers.get(b"x-amz-security-token", b"").decode("latin-1")
        known, now = (request.access_key_id, token, account_id), time.monotonic()
        until, credential = self._known.get(known, (0.0, None))
        if now < until:
            return credential
        session_account = seams.module("core.responses")._account_from_sts_session
        account = session_account(request.access_key_id) or account_id
        credential = self._evaluator.resolve_credential(request.access_key_id, account, token)
        self._known.pop(known, None)
        if isinstance(credential, self._evaluator.CredentialResolutionError):
            return None
        while len(self._known) >= _KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[known] = (now + _KEPT_SECONDS, credential)
        return credential

    def check_credentials(self, access_key_id: str, service: str | None = None) -> Any:
        if not access_key_id and self._evaluator._signed_request.get() is None:
            return self._evaluator.AuthError(*MISSING)
        return self._check(access_key_id, service)

    def enforce(self, access_key_id: str, iam_action: str, service: str, *arguments: Any, **named: Any) -> Any:
        """An anonymous caller is not the root user, except where AWS serves everybody."""
        if not access_key_id and self._evaluator._signed_request.get() is None and self._needs_key(service, iam_action):
            return self._evaluator.AuthError(*MISSING)
        return self._enforce(access_key_id, iam_action, service, *arguments, **named)

    def _needs_key(self, service: str, action: str) -> bool:
        if service == "s3":
            return action in _OF_THE_ACCOUNT
        if action in ("execute-api:Invoke", "lambda:InvokeFunctionUrl"):
            return False
        return not self._evaluator._served_unsigned(service, action)


def check_all() -> None:
    """Replace MiniStack's checks by ``Checks``, under each name that it uses for them."""
    evaluator, app = seams.module("core.iam_evaluator"), seams.module("app")
    identity: Callable[[str], Any] = evaluator.resolve_caller_identity
    is_root: Callable[[str], bool] = evaluator._is_root_key
    checks, naming = Checks(evaluator), ContextVar("naming", default=False)

    def is_exempt(access_key_id: str) -> bool:
        """No access key is exempt from signature checks; only the look-up of its owner recognises the root key."""
        return naming.get() and is_root(access_key_id)

    def identity_of(access_key_id: str) -> Any:
        token = naming.set(True)
        try:
            return identity(access_key_id)
        finally:
            naming.reset(token)

    evaluator._is_root_key = is_exempt
    evaluator.resolve_caller_identity = identity_of
    app.pin_signed_request = evaluator.pin_signed_request = checks.pin
    app.pin_signed_body = evaluator.pin_signed_body = checks.pin_body
    evaluator.authenticate = checks.authenticate
    evaluator.enforce = checks.enforce
    evaluator.check_credentials = checks.check_credentials
