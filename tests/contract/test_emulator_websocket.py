"""A WebSocket API on the host's own server: connect, refuse, message, post back, gone."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.contract.emulator_process import EmulatorProcess

HANDLER = """
import json, os
import boto3

def handler(event, context):
    print("socket event")
    context_of = event["requestContext"]
    if context_of["routeKey"] == "$connect":
        return {"statusCode": 403 if (event.get("queryStringParameters") or {}).get("refuse") else 200}
    if context_of["routeKey"] == "$default":
        client = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK"])
        client.post_to_connection(ConnectionId=context_of["connectionId"], Data=event["body"][::-1].encode())
    return {"statusCode": 200}
"""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def socket_api(emulator: EmulatorProcess) -> str:
    name = f"w{uuid.uuid4().hex[:6]}"
    role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    emulator.client("iam").put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=ALL)
    gateway: Any = emulator.client("apigatewayv2")
    api = gateway.create_api(
        Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action",
        Tags={"ms-custom-id": "a5c0de02"},
    )["ApiId"]  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", HANDLER)
    function = emulator.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=role, Handler="app.handler",
        Code={"ZipFile": buffer.getvalue()}, Timeout=60,
        Environment={"Variables": {"CALLBACK": f"{emulator.url}/_aws/execute-api/{api}/live"}},
    )["FunctionArn"]  # fmt: skip
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for route in ("$connect", "$disconnect", "$default"):
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration['IntegrationId']}")
    gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
    emulator.client("lambda").add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    return f"{emulator.url.replace('http', 'ws')}/_aws/execute-api/{api}/live"


def test_a_message_reaches_the_function_and_gets_a_reply(socket_api: str) -> None:
    with connect(socket_api) as socket:
        socket.send("abc日本")
        assert socket.recv(timeout=60) in ("本日cba", "本日cba".encode())


def test_a_refused_connection_gets_403(socket_api: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{socket_api}?refuse=1")
    assert refused.value.response.status_code == 403


def test_posting_to_a_connection_that_is_gone_answers_410(emulator: EmulatorProcess, socket_api: str) -> None:
    endpoint = socket_api.replace("ws://", "http://")
    client = emulator.client("apigatewaymanagementapi", endpoint_override=endpoint)
    with pytest.raises(ClientError) as gone:
        client.post_to_connection(ConnectionId="nobody=", Data=b"x")
    assert gone.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410
