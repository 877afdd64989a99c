"""Lambda entry points of real time."""

from __future__ import annotations

from fastapi import FastAPI

from services.common.claims import viewer_of_socket
from services.common.entry import (
    Event,
    Handler,
    entry_point,
    event_handler,
    http_and_socket_handler,
    whole_batch_handler,
)
from services.common.errors import Forbidden
from services.common.http import create_app
from services.common.observability import note
from services.realtime import api, commands
from services.realtime.factory import transport
from services.realtime.repository import TicketTable
from services.realtime.settings import AuthorizerSettings, RealtimeSettings, TransportSettings


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


def authorize(tickets: TicketTable, event: Event) -> Event:
    """A REQUEST authorizer of a WebSocket API: an IAM policy for this connection, the user id as context.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
    """
    secret = (event.get("queryStringParameters") or {}).get("ticket")
    user_id = commands.admit(tickets, secret)
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


def build_app(settings: RealtimeSettings) -> FastAPI:
    return create_app("realtime", api.build_router(TicketTable(settings.table_realtime)))


@entry_point(RealtimeSettings)
def handler(settings: RealtimeSettings) -> Handler:
    lifecycle = {"CONNECT": _connect, "DISCONNECT": _disconnect}
    actions = api.build_actions(lambda: transport())
    return http_and_socket_handler(build_app(settings), actions, lambda: transport(), settings, lifecycle)


@entry_point(AuthorizerSettings)
def authorizer(settings: AuthorizerSettings) -> Handler:
    tickets = TicketTable(settings.table_realtime)
    return event_handler("authorize", lambda event, _: authorize(tickets, event))


@entry_point(TransportSettings)
def fanout(settings: TransportSettings) -> Handler:
    return whole_batch_handler("kinesis", lambda records: commands.fan_out(transport(), records))
