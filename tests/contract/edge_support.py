"""A small network behind a running edge: one HTTP API, one WebSocket API, two buckets, one distribution."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import ROOT, EmulatorProcess, wait_until

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"

#: Origins that the guard admits; the API's own CORS configuration allows only the first.
PAGES = ("http://localhost:8080", "http://other.example")

HANDLER = """
import json, os, time

def handler(event, context):
    print("called")
    path = event.get("rawPath", "")
    if "connectionId" in event["requestContext"]:
        return on_socket(event)
    if path.endswith("/raise"):
        raise ValueError("secret of the handler")
    if path.endswith("/exit"):
        os._exit(1)
    if path.endswith("/hang"):
        time.sleep(5)
    if path.endswith("/malformed"):
        return {"statusCode": "abc"}
    if path.endswith("/newline"):
        return {"statusCode": 200, "headers": {"x": "a\\nset-cookie: b=1"}}
    if path.endswith("/inferred"):
        return {"no": "status"}
    if path.endswith("/text-status"):
        return {"statusCode": "201"}
    if path.endswith("/own-502"):
        return {"statusCode": 502, "headers": {"content-type": "application/problem+json"}, "body": '{"title":"mine"}'}
    if path.endswith("/missing"):
        return {"statusCode": 404, "headers": {"content-type": "application/json", "cache-control": "no-store"},
                "body": '{"title":"mine"}'}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "cookies": ["a=1", "b=2"],
            "body": json.dumps(event)}

def on_socket(event):
    body = event.get("body") or ""
    if event["requestContext"]["eventType"] == "CONNECT":
        query = event.get("queryStringParameters") or {}
        return {"statusCode": 403 if query.get("ticket") == "bad" else 200}
    if "raise" in body:
        raise ValueError("secret of the handler")
    return {"statusCode": 200, "body": "not for the client"}
"""

#: The viewer function of a single-page application: paths without extension return the page.
REWRITE = """
function handler(event) {
  var request = event.request;
  if (request.uri === '/throws') throw new Error('broken');
  if (request.uri === '/moved') {
    return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/' } } };
  }
  if (request.uri.indexOf('.') < 0) request.uri = '/index.html';
  return request;
}
"""


@dataclass
class EdgeNetwork:
    """The running edge and the resources deployed for it."""

    emulator: EmulatorProcess
    process: subprocess.Popen[bytes] | None = None
    http_api: str = ""
    socket_api: str = ""
    ui_bucket: str = ""
    media_bucket: str = ""
    distribution: str = ""
    key_pair_id: str = ""
    private_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @property
    def cdn(self) -> str:
        return f"http://127.0.0.1:{8080 + self.emulator.offset}"

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{8081 + self.emulator.offset}"

    @property
    def api(self) -> str:
        """Base URL of the HTTP API at the gateway front."""
        return f"{self.gateway}/_api/{self.http_api}"

    @property
    def socket(self) -> str:
        return f"{self.gateway.replace('http', 'ws', 1)}/_ws/{self.socket_api}/live"

    def start(self) -> None:
        """Start the edge and wait until it has read the deployed resources."""
        log = (self.emulator.home / "edge.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emulation.edge"],
            env=self.emulator.environment(),
            stdout=log, stderr=log, cwd=ROOT,
        )  # fmt: skip
        log.close()
        wait_until(lambda: self.health()["status"] == "ok", 60, "edge", lambda: self.emulator.log("edge"))

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"{self.gateway}/_health").json()
        return answer

    def reload(self) -> None:
        assert self.client.post(f"{self.gateway}/_reload", headers=HELPER_HEADERS).status_code == 200

    def fault(self, gateway: str) -> None:
        answer = self.client.post(f"{self.gateway}/_fault", json={"gateway": gateway}, headers=HELPER_HEADERS)
        assert answer.status_code == 200

    def stop(self) -> None:
        self.client.close()
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(60) == 0

    def put(self, bucket: str, key: str, body: bytes, kind: str, **options: str) -> None:
        self.emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, **options)


def _deploy_function(network: EdgeNetwork, timeout: int) -> str:
    emulator, name = network.emulator, f"edge-{uuid.uuid4().hex[:8]}"
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", HANDLER)
    function: str = emulator.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=role, Handler="app.handler",
        Code={"ZipFile": buffer.getvalue()}, Timeout=timeout,
    )["FunctionArn"]  # fmt: skip
    return function


def _deploy_apis(network: EdgeNetwork) -> None:
    # Only the hanging route has a short timeout: a busy machine takes seconds to start a function.
    function, hasty = _deploy_function(network, timeout=60), _deploy_function(network, timeout=1)
    client = network.emulator.client("apigatewayv2")
    cors = {
        "AllowOrigins": ["http://localhost:8080"], "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization"], "MaxAge": 60,
    }  # fmt: skip
    http = client.create_api(Name="edge", ProtocolType="HTTP", CorsConfiguration=cors)["ApiId"]
    target, hangs = (
        client.create_integration(
            ApiId=http, IntegrationType="AWS_PROXY", IntegrationUri=one, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        for one in (function, hasty)
    )
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_none"
    authorizer = client.create_authorizer(
        ApiId=http, AuthorizerType="JWT", Name="jwt", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": ["client"]},
    )["AuthorizerId"]  # fmt: skip
    for key in ("ANY /v1/{proxy+}", "POST /v1/throttled", "GET /v1/things/{id}"):
        client.create_route(ApiId=http, RouteKey=key, Target=f"integrations/{target}")
    client.create_route(ApiId=http, RouteKey="GET /v1/hang", Target=f"integrations/{hangs}")
    client.create_route(
        ApiId=http, RouteKey="GET /v1/private", Target=f"integrations/{target}", AuthorizationType="JWT",
        AuthorizerId=authorizer,
    )  # fmt: skip
    client.create_stage(
        ApiId=http, StageName="$default", AutoDeploy=True,
        RouteSettings={"POST /v1/throttled": {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 2}},
    )  # fmt: skip
    socket = client.create_api(
        Name="edge", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]  # fmt: skip
    target = client.create_integration(ApiId=socket, IntegrationType="AWS_PROXY", IntegrationUri=function)
    for key in ("$connect", "$disconnect", "$default"):
        client.create_route(ApiId=socket, RouteKey=key, Target=f"integrations/{target['IntegrationId']}")
    client.create_stage(ApiId=socket, StageName="live", AutoDeploy=True)
    network.http_api, network.socket_api = http, socket


def _deploy_key_group(network: EdgeNetwork) -> str:
    client = network.emulator.client("cloudfront")
    pem = network.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    name = uuid.uuid4().hex
    config = {"CallerReference": name, "Name": name, "EncodedKey": pem.decode()}
    network.key_pair_id = client.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
    group = {"Name": name, "Items": [network.key_pair_id]}
    return str(client.create_key_group(KeyGroupConfig=group)["KeyGroup"]["Id"])


def _deploy_rewrite(network: EdgeNetwork) -> str:
    client = network.emulator.client("cloudfront")
    name = f"rewrite-{uuid.uuid4().hex[:8]}"
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    made = client.create_function(Name=name, FunctionConfig=config, FunctionCode=REWRITE.encode())
    client.publish_function(Name=name, IfMatch=made["ETag"])
    arn: str = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    return arn


def _deploy_web_acl(network: EdgeNetwork) -> str:
    shown = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    rule = {
        "Name": "rate", "Priority": 1, "Action": {"Block": {}}, "VisibilityConfig": shown,
        "Statement": {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}},
    }  # fmt: skip
    arn: str = network.emulator.client("wafv2").create_web_acl(
        Name=uuid.uuid4().hex, Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=shown, Rules=[rule]
    )["Summary"]["ARN"]
    return arn


def _behavior(origin: str, cache: str, methods: tuple[str, ...] = ("GET", "HEAD"), **more: Any) -> dict[str, Any]:
    cached = {"Quantity": 2, "Items": ["GET", "HEAD"]}
    return {
        "TargetOriginId": origin, "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": cache, "Compress": True,
        "AllowedMethods": {"Quantity": len(methods), "Items": list(methods), "CachedMethods": cached},
    } | more  # fmt: skip


def _deploy_distribution(network: EdgeNetwork) -> None:
    client, s3 = network.emulator.client("cloudfront"), network.emulator.client("s3")
    suffix = uuid.uuid4().hex[:8]
    network.ui_bucket, network.media_bucket = f"ui-{suffix}", f"media-{suffix}"
    access = {"Name": suffix, "SigningProtocol": "sigv4", "SigningBehavior": "always",
              "OriginAccessControlOriginType": "s3"}  # fmt: skip
    oac = client.create_origin_access_control(OriginAccessControlConfig=access)["OriginAccessControl"]["Id"]
    buckets = [
        {"Id": name, "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com", "OriginAccessControlId": oac,
         "S3OriginConfig": {"OriginAccessIdentity": ""}}
        for name, bucket in (("ui", network.ui_bucket), ("media", network.media_bucket))
    ]  # fmt: skip
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    host = f"{network.http_api}.execute-api.us-east-1.amazonaws.com"
    function = {"EventType": "viewer-request", "FunctionARN": _deploy_rewrite(network)}
    group = {"Enabled": True, "Quantity": 1, "Items": [_deploy_key_group(network)]}
    account = {"Enabled": True, "Quantity": 1, "Items": ["self"]}
    every = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")
    made = client.create_distribution(DistributionConfig={
        "CallerReference": suffix, "Comment": "", "Enabled": True, "DefaultRootObject": "index.html",
        "WebACLId": _deploy_web_acl(network),
        "Origins": {"Quantity": 3, "Items": [
            *buckets, {"Id": "api", "DomainName": host, "CustomOriginConfig": custom},
        ]},
        "DefaultCacheBehavior": _behavior(
            "ui", CACHING_OPTIMIZED, ResponseHeadersPolicyId=SECURITY_HEADERS,
            FunctionAssociations={"Quantity": 1, "Items": [function]},
        ),
        "CacheBehaviors": {"Quantity": 4, "Items": [
            {"PathPattern": "/v1/*"} | _behavior(
                "api", CACHING_DISABLED, every, OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST),
            {"PathPattern": "/media/*"} | _behavior("media", CACHING_OPTIMIZED, TrustedKeyGroups=group),
            {"PathPattern": "/open/*"} | _behavior("media", CACHING_OPTIMIZED),
            {"PathPattern": "/closed/*"} | _behavior("media", CACHING_OPTIMIZED, TrustedSigners=account),
        ]},
    })["Distribution"]  # fmt: skip
    network.distribution = made["Id"]
    for bucket in (network.ui_bucket, network.media_bucket):
        s3.create_bucket(Bucket=bucket)
        prefix = "media/" if bucket == network.media_bucket else ""
        allow = {
            "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
            "Condition": {"StringEquals": {"AWS:SourceArn": made["ARN"]}},
        }  # fmt: skip
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNetwork]:
    """A running edge in front of a running emulator, shared by all tests of a session."""
    network = EdgeNetwork(EmulatorProcess(tmp_path_factory.mktemp("edge"), pages=PAGES).start())
    try:
        _deploy_apis(network)
        _deploy_distribution(network)
        page = {"CacheControl": "max-age=60"}
        network.put(network.ui_bucket, "index.html", b"<!doctype html>" + b"<p>page</p>" * 200, "text/html", **page)
        network.put(network.media_bucket, "media/a.jpg", b"j" * 5000, "image/jpeg")
        network.put(network.media_bucket, "open/a.jpg", b"j" * 5000, "image/jpeg")
        network.start()
        yield network
        network.stop()
    finally:
        if network.process is not None and network.process.poll() is None:
            network.process.kill()
        network.emulator.stop()
