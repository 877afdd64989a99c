"""LocalStack's plugins for whole services: a request for one of the companion's goes there as it is.

LocalStack has found out by then which service a request is for, as it does for its own. A signed request is signed
again, by the companion's root user: LocalStack checks no signatures and its roles are unknown there.
"""

from __future__ import annotations

import logging
import threading
from urllib.parse import urlsplit

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.connect import connect_to
from localstack.aws.handlers import serve_custom_service_request_handlers
from localstack.http import Request, Response
from localstack.runtime.hooks import on_infra_ready, on_infra_start
from localstack.services.edge import ROUTER

from emulation.localstack.companion import companion_url
from emulation.localstack.table import CONNECTIONS, SERVICES
from emulation.settings import REGION, Settings

log = logging.getLogger("asyncsns.companion")

#: Of one connection, and those that say by whom the request was signed.
_NOT_FORWARDED = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "authorization", "expect",
     "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
)  # fmt: skip
_NOT_ANSWERED = frozenset({"connection", "content-length", "transfer-encoding", "content-encoding"})
_SECONDS = 60


class Forwarder:
    """Sends requests on to the companion and gives its answers back."""

    def __init__(self) -> None:
        self._session = requests.Session()
        # No proxies and no netrc: the companion is near.
        self._session.trust_env = False

    def answer_service(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """A handler of LocalStack's chain: answers when the request is for one of the companion's services."""
        if context.service is None or context.service.service_name not in SERVICES:
            return
        answer = self._send(context.request, context.service.signing_name)
        response.update_from(answer)
        chain.stop()

    def answer_connections(self, request: Request, **_: str) -> Response:
        """An endpoint of LocalStack's router: the ``@connections`` of a WebSocket API."""
        return self._send(request, "execute-api")

    def _send(self, request: Request, signing_name: str) -> Response:
        query = request.query_string.decode()
        url = companion_url() + request.environ.get("RAW_URI", request.path).partition("?")[0]
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
        target = AWSRequest(request.method, url + (f"?{query}" if query else ""), headers, request.get_data())
        if "Authorization" in request.headers:
            target.headers["Host"] = urlsplit(url).netloc
            SigV4Auth(Credentials(*Settings().credentials), signing_name, REGION).add_auth(target)
        answer = self._session.request(
            request.method, str(target.url), headers=dict(target.headers.items()), data=target.data,
            timeout=_SECONDS, allow_redirects=False,
        )  # fmt: skip
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_ANSWERED]
        return Response(answer.content, answer.status_code, kept)


@on_infra_start()
def forward_services() -> None:
    """Before LocalStack looks for a provider of its own."""
    forwarder = Forwarder()
    serve_custom_service_request_handlers.append(forwarder.answer_service)
    ROUTER.add(CONNECTIONS, forwarder.answer_connections)
    ROUTER.add("/_health", _health)
    log.info("%s are served by %s", ", ".join(sorted(SERVICES)), companion_url())


_ready = threading.Event()


@on_infra_ready()
def start_servers() -> None:
    """DynamoDB's and Kinesis's own servers start with the first call: a slow start would end that call."""
    clients = connect_to(region_name=REGION)
    clients.dynamodb.list_tables()
    clients.kinesis.list_streams()
    _ready.set()


def _health(request: Request, **_: str) -> Response:
    """As every server of the emulation answers."""
    return Response.for_json({"service": "localstack", "status": "ok" if _ready.is_set() else "starting"})
