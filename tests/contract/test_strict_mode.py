"""With ``EMULATION_STRICT=yes`` the emulation refuses what AWS refuses, with its messages; without, it accepts it.

Each rule names its document in ``emulation/emulator/strict``.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from opensearchpy import AuthorizationException

from emulation.settings import ACCOUNT, DEFAULT_CREDENTIALS, REGION
from emulation.signature import Credentials, signed_headers
from services.search import index
from services.search.index import connect
from tests.contract.emulator_process import EmulatorProcess, wait_until
from tests.contract.strict_stacks import (
    LONG,
    OTHER_REGION,
    REFUSED,
    TAKEN,
    TRUST,
    Json,
    function,
    policy,
)
from tests.support.search_process import SearchProcess
from tests.support.sessions import new_session


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess(tmp_path_factory.mktemp("strict"), settings={"EMULATION_STRICT": "yes"}).start()
    yield process
    process.stop()


def deployed(emulator: EmulatorProcess, resources: Json) -> tuple[str, str]:
    """The stack's status and the reasons of failures; the stack is deleted."""
    stacks, name = emulator.client("cloudformation"), f"s{uuid.uuid4().hex[:8]}"
    stacks.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_NAMED_IAM"]
    )

    def status(*, ended: tuple[str, ...]) -> str:
        found = str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        return found if found in ended else ""

    ended = ("CREATE_COMPLETE", "ROLLBACK_COMPLETE", "CREATE_FAILED")
    found = wait_until(lambda: status(ended=ended), 60, "stack", emulator.log)
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [one.get("ResourceStatusReason", "") for one in events if one["ResourceStatus"] == "CREATE_FAILED"]
    stacks.delete_stack(StackName=name)
    return str(found), "\n".join(reasons)


@pytest.mark.parametrize("case", REFUSED)
def test_a_stack_that_aws_refuses(strict: EmulatorProcess, emulator: EmulatorProcess, case: str) -> None:
    resources, message = REFUSED[case]
    status, reasons = deployed(strict, resources)
    assert (status, message in reasons) == ("ROLLBACK_COMPLETE", True), reasons
    assert deployed(emulator, resources) == ("CREATE_COMPLETE", "")


@pytest.mark.parametrize("case", TAKEN)
def test_a_stack_at_its_quotas_is_taken(strict: EmulatorProcess, case: str) -> None:
    assert deployed(strict, TAKEN[case]) == ("CREATE_COMPLETE", "")


def zeros(megabytes: int) -> bytes:
    """An archive that is small only while it is compressed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("zeros", bytes(megabytes << 20))
    return content.getvalue()


def test_code_and_layers_together_have_a_size(strict: EmulatorProcess, emulator: EmulatorProcess) -> None:
    code, layer = zeros(1), zeros(250)
    for process in (strict, emulator):
        process.client("s3").create_bucket(Bucket="code")
        for key, body in (("code", code), ("layer", layer)):
            process.client("s3").put_object(Bucket="code", Key=key, Body=body)
    source = {"S3Bucket": "code"}
    resources = {
        "Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": source | {"S3Key": "layer"}}},
        "Function": function(Code=source | {"S3Key": "code"}, Layers=[{"Ref": "Layer"}]),
    }
    status, reasons = deployed(strict, resources)
    text = "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is"
    assert (status, f"{text} {251 << 20} bytes." in reasons) == ("ROLLBACK_COMPLETE", True), reasons
    assert deployed(emulator, resources) == ("CREATE_COMPLETE", "")


def test_an_update_that_aws_refuses_is_rolled_back(strict: EmulatorProcess) -> None:
    stacks, name = strict.client("cloudformation"), f"s{uuid.uuid4().hex[:8]}"

    def template(seconds: int) -> str:
        return json.dumps({"Resources": {"Function": function(Timeout=seconds)}})

    stacks.create_stack(StackName=name, TemplateBody=template(1))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stacks.update_stack(StackName=name, TemplateBody=template(901))
    wait_until(
        lambda: stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE",
        20, "rollback", strict.log,
    )  # fmt: skip
    physical = stacks.describe_stack_resource(StackName=name, LogicalResourceId="Function")["StackResourceDetail"]
    found = strict.client("lambda").get_function_configuration(FunctionName=physical["PhysicalResourceId"])
    assert found["Timeout"] == 1
    stacks.delete_stack(StackName=name)


def refused(call: Any, **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_strict_iam_refuses_policies_beyond_their_size(strict: EmulatorProcess, emulator: EmulatorProcess) -> None:
    large = json.dumps(policy(11_000))
    for process in (strict, emulator):
        process.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    put = {"RoleName": "r", "PolicyName": "p", "PolicyDocument": large}
    expected = ("LimitExceeded", 409, "Maximum policy size of 10240 bytes exceeded for role r")
    assert refused(strict.client("iam").put_role_policy, **put) == expected
    emulator.client("iam").put_role_policy(**put)
    spaced = json.dumps(policy(10_000), indent=8)
    assert len(spaced) > 11_000
    strict.client("iam").put_role_policy(**put | {"PolicyDocument": spaced})
    created = {"PolicyName": "m", "PolicyDocument": large}
    expected = ("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144")
    assert refused(strict.client("iam").create_policy, **created) == expected
    emulator.client("iam").create_policy(**created)


def test_strict_lambda_refuses_what_aws_refuses(strict: EmulatorProcess, emulator: EmulatorProcess) -> None:
    for process in (strict, emulator):
        stacks = process.client("cloudformation")
        template = {"Resources": {"Function": function(FunctionName="api", Timeout=60)}}
        stacks.create_stack(StackName="api", TemplateBody=json.dumps(template))
        stacks.get_waiter("stack_create_complete").wait(StackName="api", WaiterConfig={"Delay": 1})
        process.client("sqs").create_queue(QueueName="q", Attributes={"VisibilityTimeout": "59"})
    calls: list[tuple[str, Json, str]] = [
        (
            "update_function_configuration",
            {"FunctionName": "api", "Environment": {"Variables": {"A": 3 * LONG}}},
            "exceeded the 4KB limit",
        ),
        ("put_function_concurrency", {"FunctionName": "api", "ReservedConcurrentExecutions": 901}, "[100]"),
        (
            "create_event_source_mapping",
            {"FunctionName": "api", "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "Enabled": False},
            "Queue visibility timeout: 59 seconds",
        ),
    ]
    for operation, arguments, message in calls:
        code, status, said = refused(getattr(strict.client("lambda"), operation), **arguments)
        assert (code, status, message in said) == ("InvalidParameterValueException", 400, True), said
        getattr(emulator.client("lambda"), operation)(**arguments)


def test_strict_api_gateway_refuses_what_aws_refuses(strict: EmulatorProcess, emulator: EmulatorProcess) -> None:
    logs = {"DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access", "Format": "$context.requestId"}
    for process in (strict, emulator):
        gateway = process.client("apigatewayv2")
        made = gateway.create_api(Name="a", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")
        wanted = {"ApiId": made["ApiId"], "StageName": "live", "AccessLogSettings": logs}
        slow = {"ApiId": made["ApiId"], "IntegrationType": "MOCK", "TimeoutInMillis": 29_001}
        if process is emulator:
            gateway.create_stage(**wanted)
            gateway.create_integration(**slow)
            continue
        text = "CloudWatch Logs role ARN must be set in account settings to enable logging"
        assert refused(gateway.create_stage, **wanted) == ("BadRequestException", 400, text)
        text = "Timeout should be between 50 ms and 29000 ms"
        assert refused(gateway.create_integration, **slow) == ("BadRequestException", 400, text)


def of_region(emulator: EmulatorProcess, service: str, region: str) -> Any:
    config = Config(retries={"max_attempts": 1})
    keys = DEFAULT_CREDENTIALS.for_boto3()
    return boto3.client(service, endpoint_url=emulator.url, region_name=region, config=config, **keys)


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("dynamodb", "list_tables", "InvalidSignatureException", 400),
        ("lambda", "list_functions", "InvalidSignatureException", 403),
        ("sns", "list_topics", "SignatureDoesNotMatch", 403),
        ("cloudformation", "list_stacks", "SignatureDoesNotMatch", 403),
    ],
)
def test_strict_services_refuse_a_signature_for_another_region(
    strict: EmulatorProcess, emulator: EmulatorProcess, service: str, call: str, code: str, status: int
) -> None:
    found = refused(getattr(of_region(strict, service, OTHER_REGION), call))
    assert found == (code, status, f"Credential should be scoped to a valid region, not '{OTHER_REGION}'. ")
    getattr(of_region(emulator, service, OTHER_REGION), call)()
    getattr(of_region(strict, service, REGION), call)()


def test_a_bucket_of_another_region_redirects_to_its_own(strict: EmulatorProcess) -> None:
    strict.client("s3").create_bucket(Bucket="here")
    host = httpx.URL(strict.url).netloc.decode()
    headers = signed_headers(DEFAULT_CREDENTIALS, OTHER_REGION, "s3", "GET", host, "/here")
    answer = httpx.get(f"{strict.url}/here", headers=headers, timeout=60)
    assert (answer.status_code, "<Code>PermanentRedirect</Code>" in answer.text) == (301, True)
    assert answer.headers["x-amz-bucket-region"] == REGION


@pytest.fixture(scope="module")
def engine(strict: EmulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    strict.client("opensearch").create_domain(DomainName="words")
    settings = {"EMULATION_STRICT": "yes", "EMULATION_URL_EMULATOR": strict.url}
    process = SearchProcess(tmp_path_factory.mktemp("search"), settings).start()
    yield process.url
    process.stop()


def signed(engine: str, keys: Credentials = DEFAULT_CREDENTIALS, region: str = REGION, service: str = "es") -> Any:
    path = "/_cat/indices?format=json"
    headers = signed_headers(keys, region, service, "GET", httpx.URL(engine).netloc.decode(), path)
    answer = httpx.get(engine + path, headers=headers, timeout=60)
    return answer.status_code, answer.json()


def test_the_engine_accepts_only_requests_signed_for_it(engine: str) -> None:
    anonymous = httpx.get(f"{engine}/", timeout=60)
    assert anonymous.status_code == 403
    assert anonymous.json()["message"].startswith("User: anonymous is not authorized to perform: es:ESHttpGet")
    assert signed(engine, Credentials("test", "wrong"))[1]["message"].startswith("The request signature we calculated")
    assert signed(engine, Credentials("AKIAUNKNOWN", "x"))[0] == 403
    assert signed(engine, service="s3") == (
        403, {"message": "Credential should be scoped to correct service: 'es'. "},
    )  # fmt: skip
    assert signed(engine, region=OTHER_REGION)[1]["message"].startswith("Credential should be scoped to a valid region")
    assert signed(engine)[0] == 200
    assert httpx.get(f"{engine}/_health", timeout=60).status_code == 200


def test_the_engine_checks_the_permissions_of_the_signer(
    strict: EmulatorProcess, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = strict.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    arn = f"arn:aws:es:{REGION}:{ACCOUNT}:domain/words/*"
    statement = {"Effect": "Allow", "Action": ["es:ESHttpGet", "es:ESHttpPut"], "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="rights", PolicyDocument=document)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    # The shared session has the credentials from when an earlier test made the first client.
    session = new_session()
    monkeypatch.setattr(index, "session", lambda: session)
    client = connect(engine)
    mappings = {"dynamic": False, "properties": {"text": {"type": "text"}}}
    client.indices.create(index="notes", body={"mappings": mappings})
    client.index(index="notes", id="1 ü", body={"text": "東京 & more"}, params={"refresh": "true"})
    assert client.get(index="notes", id="1 ü")["_source"] == {"text": "東京 & more"}
    with pytest.raises(AuthorizationException) as caught:
        client.search(index="notes", body={})
    who = f"User: arn:aws:iam::{ACCOUNT}:user/reader is not authorized to perform: es:ESHttpPost"
    assert who in str(caught.value)


def test_a_changed_body_is_refused(engine: str) -> None:
    host = httpx.URL(engine).netloc.decode()
    headers = signed_headers(DEFAULT_CREDENTIALS, REGION, "es", "PUT", host, "/notes/_doc/2", b'{"a":1}')
    headers["content-type"] = "application/json"
    answer = httpx.put(f"{engine}/notes/_doc/2", headers=headers, content='{"a":2}', timeout=60)
    assert (answer.status_code, "signature" in answer.json()["message"]) == (403, True)
