"""Lambda entry points of real time."""

from __future__ import annotations

from typing import Any

from services.common.claims import viewer_of_socket
from services.common.entry import Event, event_handler, http_and_socket_handler, whole_batch_handler
from services.common.errors import Forbidden
from services.common.http import create_app
from services.common.observability import note
from services.realtime import api, commands
from services.realtime.repository import TicketTable
from services.realtime.transport import transport


def _connect(event: Event) -> Event:
    try:
        viewer = viewer_of_socket(event)
    except Forbidden:
        return {"statusCode": 403}
    transport().open(viewer.user_id, event["requestContext"]["connectionId"])
    return {"statusCode": 200}


def _disconnect(event: Event) -> Event:
    """Best effort: API Gateway may not send it, and sends no second one; the item then goes by 410 or TTL."""
    user_id = (event["requestContext"].get("authorizer") or {}).get("userId")
    transport().close(event["requestContext"]["connectionId"], user_id)
    return {"statusCode": 200}


def _authorize(event: Event, _: Any) -> Event:
    """A REQUEST authorizer of a WebSocket API: an IAM policy for this connection, the user id as context.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
    """
    secret = (event.get("queryStringParameters") or {}).get("ticket")
    user_id = commands.admit(TicketTable(), secret)
    note(caller=user_id, status=200 if user_id else 403)
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if user_id else "Deny",
        "Resource": event["methodArn"],
    }
    answer: Event = {
        "principalId": user_id or "nobody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if user_id:
        answer["context"] = {"userId": user_id}
    return answer


app = create_app("realtime", api.router)
handler = http_and_socket_handler(
    app, api.actions, lambda: transport(), lifecycle={"CONNECT": _connect, "DISCONNECT": _disconnect}
)
authorizer = event_handler("authorize", _authorize)
fanout = whole_batch_handler("kinesis", lambda records: commands.fan_out(transport(), records))
