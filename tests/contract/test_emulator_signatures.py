"""The AWS API port checks signatures as AWS does.

Sources: AWS IAM User Guide, "Troubleshoot AWS API signature errors"; Amazon S3 API Reference, "Error responses".
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import HmacV1Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from emulation.signature import signed_headers
from tests.contract.emulator_process import EmulatorProcess

#: One call of each service that the product uses, and one of each protocol.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "dynamodb": ("list_tables", {}),
    "sqs": ("list_queues", {}),
    "sns": ("list_topics", {}),
    "s3": ("list_buckets", {}),
    "kinesis": ("list_streams", {}),
    "lambda": ("list_functions", {}),
    "iam": ("list_roles", {}),
    "sts": ("get_caller_identity", {}),
    "cloudformation": ("list_stacks", {}),
    "logs": ("describe_log_groups", {}),
    "cloudwatch": ("describe_alarms", {}),
    "cognito-idp": ("list_user_pools", {"MaxResults": 1}),
    "cognito-identity": ("list_identity_pools", {"MaxResults": 1}),
    "apigatewayv2": ("get_apis", {}),
    "cloudfront": ("list_distributions", {}),
    "ssm": ("describe_parameters", {}),
    "secretsmanager": ("list_secrets", {}),
    "events": ("list_rules", {}),
    "opensearch": ("list_domain_names", {}),
    "wafv2": ("list_web_acls", {"Scope": "REGIONAL"}),
}
REFUSED = {
    *("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidToken", "UnrecognizedClientException"),
    *(
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    ),
    *(
        "IncompleteSignature",
        "IncompleteSignatureException",
        "AccessDenied",
        "AccessDeniedException",
        "ForbiddenException",
    ),
}


def client(emulator: EmulatorProcess, service: str, key: str = "", secret: str = "", token: str = "") -> Any:
    key, secret = key or DEFAULT_CREDENTIALS.access_key_id, secret or DEFAULT_CREDENTIALS.secret_access_key
    return boto3.client(
        service, endpoint_url=emulator.url, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
        aws_session_token=token or None, config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
    )  # fmt: skip


def code_of(call: Any) -> str:
    try:
        call()
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "done"


@pytest.mark.parametrize("service", sorted(CALLS))
def test_every_service_accepts_only_the_right_secret(emulator: EmulatorProcess, service: str) -> None:
    operation, arguments = CALLS[service]

    def ask(*keys: str) -> str:
        return code_of(lambda: getattr(client(emulator, service, *keys), operation)(**arguments))

    assert ask() == "done"
    assert ask("000000000000", "test") == "done"
    tries = [("test", "wrong"), ("AKIANOBODY", "test"), ("000000000000", "wrong"), ("test", "test", "token")]
    assert [one for one in tries if ask(*one) not in REFUSED] == []


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic dGVzdDp0ZXN0", "AWS test:x", "AWS4-HMAC-SHA256 x"])
def test_an_unsigned_caller_is_not_the_root_user(emulator: EmulatorProcess, authorization: str) -> None:
    """MiniStack treats each of these as the root user's in at least one place."""
    json_call = {"content-type": "application/x-amz-json-1.0"}
    tries: list[tuple[str, str, dict[str, str], bytes]] = [
        ("POST", "/", json_call | {"x-amz-target": "DynamoDB_20120810.ListTables"}, b"{}"),
        ("POST", "/", json_call | {"x-amz-target": "Logs_20140328.DescribeLogGroups"}, b"{}"),
        ("GET", "/", {}, b""),
        ("PUT", "/doors-bucket", {}, b""),
        ("GET", "/2015-03-31/functions", {}, b""),
        ("GET", "/2016-08-19/account-settings", {}, b""),
        ("DELETE", "/2018-10-31/layers/x/versions/1", {}, b""),
        ("GET", "/v2/apis", {}, b""),
        ("GET", "/2020-05-31/distribution", {}, b""),
        ("POST", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
         {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}, b"\xa0"),
        ("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, b"Action=ListRoles&Version=2010-05-08"),
    ]  # fmt: skip
    sent = {"authorization": authorization} if authorization else {}
    with httpx.Client(timeout=60) as plain:
        answers = [
            plain.request(method, emulator.url + path, headers=headers | sent, content=body)
            for method, path, headers, body in tries
        ]
    assert [answer.text[:200] for answer in answers if answer.status_code not in (400, 403)] == []
    assert "doors-bucket" not in str(client(emulator, "s3").list_buckets()["Buckets"])


def test_a_body_or_header_that_was_changed_is_refused(emulator: EmulatorProcess) -> None:
    host = emulator.url.removeprefix("http://")
    body = b'{"Limit": 1}'
    headers = signed_headers(DEFAULT_CREDENTIALS, REGION, "dynamodb", "POST", host, "/", body)
    headers |= {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}

    def status(content: bytes, **changed: str) -> int:
        return httpx.post(emulator.url, content=content, headers=headers | changed, timeout=60).status_code

    assert status(body) == 200
    assert status(b'{"Limit": 2}') == 400
    assert status(body, **{"x-amz-date": "20200101T000000Z"}) == 400
    assert status(body, host="127.0.0.1") == 400


def test_signature_version_2_is_refused_as_s3_does(emulator: EmulatorProcess) -> None:
    request = AWSRequest(method="GET", url=f"{emulator.url}/", headers={})
    HmacV1Auth(Credentials("test", "test")).add_auth(request)
    answer = httpx.get(f"{emulator.url}/", headers=dict(request.headers.items()), timeout=60)
    assert (answer.status_code, "Please use AWS4-HMAC-SHA256" in answer.text) == (400, True)


def test_links_are_signed_by_the_right_secret(emulator: EmulatorProcess) -> None:
    client(emulator, "s3").create_bucket(Bucket="doors-links")
    client(emulator, "s3").put_object(Bucket="doors-links", Key="a b+ü/x.txt", Body=b"mine")
    wanted = {"Bucket": "doors-links", "Key": "a b+ü/x.txt"}

    def link(secret: str) -> str:
        signer = boto3.client(
            "s3", endpoint_url=emulator.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key=secret,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )  # fmt: skip
        return str(signer.generate_presigned_url("get_object", Params=wanted, ExpiresIn=60))

    assert httpx.get(link("test"), timeout=60).content == b"mine"
    refused = httpx.get(link("wrong"), timeout=60)
    assert (refused.status_code, "SignatureDoesNotMatch" in refused.text) == (403, True)
    assert httpx.get(link("test").replace("x.txt", "y.txt"), timeout=60).status_code == 403


@pytest.fixture(scope="module")
def session(emulator: EmulatorProcess) -> Iterator[dict[str, str]]:
    """Credentials of a role that may list tables."""
    iam, trust = client(emulator, "iam"), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="doors", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    allowed = {"Statement": [{"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}]}
    iam.put_role_policy(RoleName="doors", PolicyName="list", PolicyDocument=json.dumps(allowed))
    found = client(emulator, "sts").assume_role(RoleArn=role["Arn"], RoleSessionName="doors")["Credentials"]
    yield {"key": found["AccessKeyId"], "secret": found["SecretAccessKey"], "token": found["SessionToken"]}


def test_a_roles_session_needs_its_secret_and_token(emulator: EmulatorProcess, session: dict[str, str]) -> None:
    def ask(service: str = "dynamodb", operation: str = "list_tables", **changed: str) -> str:
        return code_of(lambda: getattr(client(emulator, service, **(session | changed)), operation)())

    assert ask() == "done"
    assert ask(secret="wrong") == "InvalidSignatureException"
    assert ask(token="wrong") == "UnrecognizedClientException"
    assert ask(token="") == "UnrecognizedClientException"
    assert ask("kinesis", "list_streams") == "AccessDeniedException"
    assert ask() == "done"


def test_uploads_of_the_sdk_are_checked_too(emulator: EmulatorProcess) -> None:
    """In chunks with a trailing checksum, as boto3 sends a stream."""
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="doors-uploads")
    s3.upload_fileobj(io.BytesIO(b"x" * 100_000), "doors-uploads", "whole")
    assert s3.head_object(Bucket="doors-uploads", Key="whole")["ContentLength"] == 100_000
    assert s3.list_objects_v2(Bucket="doors-uploads", Prefix="wh", Delimiter="/")["KeyCount"] == 1
    wrong = client(emulator, "s3", secret="wrong")
    put = code_of(lambda: wrong.put_object(Bucket="doors-uploads", Key="b", Body=b"x"))
    assert (put, s3.list_objects_v2(Bucket="doors-uploads")["KeyCount"]) == ("SignatureDoesNotMatch", 1)


def test_a_sample_of_the_sdks_documentation_works(emulator: EmulatorProcess) -> None:
    """A path with an ARN, which is encoded twice, and a query string."""
    found = client(emulator, "lambda")
    arn = f"arn:aws:lambda:{REGION}:000000000000:function:nothing"
    assert code_of(lambda: found.get_function(FunctionName=arn)) == "ResourceNotFoundException"
    assert code_of(lambda: found.get_function(FunctionName=arn, Qualifier="$LATEST")) == "ResourceNotFoundException"
    request = AWSRequest("GET", f"{emulator.url}/2015-03-31/functions?MaxItems=1&Marker=", headers={})
    SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(request)
    assert httpx.get(str(request.url), headers=dict(request.headers.items()), timeout=60).status_code == 200
