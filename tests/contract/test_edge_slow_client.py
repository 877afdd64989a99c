"""API Gateway Management API, PostToConnection: LimitExceededException when the client side buffer is full."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import ClientConnection, connect

from tests.contract.edge_support import EdgeNetwork
from tests.contract.emulator_process import wait_until

_FRAME = b'{"x":"' + b"x" * 30_000 + b'"}'
#: Far more than all buffers on the path hold: each loopback socket accepts some MB before it blocks.
_MANY = 3_000


def connection_id(client: ClientConnection) -> str:
    """An error frame contains the connection id."""
    client.send("raise")
    return str(json.loads(client.recv(timeout=60))["connectionId"])


def small_socket(edge: EdgeNetwork) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = edge.gateway.removeprefix("http://").split(":")
    made.connect((host, int(port)))
    return made


def test_a_client_that_does_not_read_is_disconnected_and_delays_no_other(edge: EdgeNetwork) -> None:
    url = f"{edge.emulator.url}/_aws/execute-api/{edge.socket_api}/live"
    api: Any = edge.emulator.client("apigatewaymanagementapi", endpoint_override=url)
    with (
        connect(edge.socket, sock=small_socket(edge), max_queue=1, close_timeout=0.1) as stuck,
        connect(edge.socket) as reads,
    ):
        stuck_id, reading_id = connection_id(stuck), connection_id(reads)
        # Posts to a client that reads nothing are refused after a while
        with pytest.raises(ClientError) as refused:
            for _ in range(_MANY):
                api.post_to_connection(ConnectionId=stuck_id, Data=_FRAME)
        assert refused.value.response["Error"]["Code"] in ("LimitExceededException", "GoneException")
        # The other client receives its posts at once
        api.post_to_connection(ConnectionId=reading_id, Data=b'{"n":1}')
        assert json.loads(reads.recv(timeout=60)) == {"n": 1}

        def is_gone() -> bool:
            try:
                api.post_to_connection(ConnectionId=stuck_id, Data=b"{}")
            except ClientError as error:
                return bool(error.response["Error"]["Code"] == "GoneException")
            return False

        # Finally the slow client is disconnected, so that it must reconnect and resume
        wait_until(is_gone, 60, "the stuck connection to be ended", lambda: edge.emulator.log("edge"))
        api.post_to_connection(ConnectionId=reading_id, Data=b'{"n":2}')
        assert json.loads(reads.recv(timeout=60)) == {"n": 2}
