"""LocalStack 4.14.0 with its companion: features that it lacks are created, called and invoked through one endpoint.

Runs where ``.asyncsns/venv-localstack`` exists (``make install EMULATOR=localstack``); otherwise it is skipped.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulation.localstack.host import PYTHON_PATH
from emulation.localstack.table import LACKING, TYPES
from emulation.settings import DEFAULT_CREDENTIALS, REGION
from kit.deploy.resources import Aws, Deployed
from kit.deploy.verify import verify_deployment
from tests.contract.emulator_process import ROOT, wait_until
from tests.support.localstack_process import FUNCTION_PYTHON, PYTHON, LocalStack

pytestmark = pytest.mark.skipif(
    not LocalStack.is_installed(), reason="LocalStack is not installed: make install EMULATOR=localstack"
)

_TRACE = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=6da5da66d4d1cb88"
_HANDLER = """
import json, os, boto3

def handler(event, context):
    print("called", event)
    if event.get("rawPath") == "/fails":
        raise KeyError("x")
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=context.aws_request_id)
    answer = {"path": event["rawPath"], "layer": __import__("of_layer").WORD, "trace": os.environ["_X_AMZN_TRACE_ID"]}
    return {"statusCode": 200, "body": json.dumps(answer)}
"""


@pytest.fixture(scope="module")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    process = LocalStack(tmp_path_factory.mktemp("localstack"))
    try:
        yield process.start()
    finally:
        process.stop()


@pytest.fixture
def aws(localstack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Requests as the kit's own commands send them."""
    keys = DEFAULT_CREDENTIALS
    named = {"ENDPOINT_URL": localstack.url, "ACCESS_KEY_ID": keys[0], "SECRET_ACCESS_KEY": keys[1]}
    for name, value in named.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Aws()


def _asked(program: str) -> list[str]:
    """The answer of LocalStack's own code, without our plugins."""
    done = subprocess.run([PYTHON, "-I", "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_localstack_lacks_every_type_and_service_of_the_companion() -> None:
    types = _asked(
        "import json; from localstack.services.cloudformation.resource_provider import plugin_manager as known; "
        "print(json.dumps(known.list_names()))"
    )
    services = _asked(
        "import json; from localstack.services.plugins import SERVICE_PLUGINS as known; "
        "print(json.dumps(known.list_available()))"
    )
    assert "AWS::S3::Bucket" in types
    assert "s3" in services
    assert not TYPES.keys() & set(types)
    assert not LACKING & set(services)


def test_the_dynamodb_stand_in_keeps_only_items_in_tables() -> None:
    listed = _asked(
        f"import json, sys; sys.path.insert(0, {str(ROOT)!r}); from emulation.localstack import tables; "
        "from moto.dynamodb.models.dynamo_type import DynamoType, Item; "
        "make = lambda: Item(DynamoType({'S': 'a'}), None, {}) and len(Item.instances_tracked); "
        "before = make(); tables.keep_no_lists(); print(json.dumps([before, make()]))"
    )
    assert listed == [1, 0]


_SIZES = """
import json, sys
from decimal import Decimal
sys.path.insert(0, {root!r})
from emulation.localstack import tables
from moto.dynamodb.comparisons import FuncSize
tables.give_missing_attributes_no_size()
def of(content):
    kind = "L" if content is not None else None
    return FuncSize(type("Path", (), {{"get_type": lambda self, item: kind, "expr": lambda self, item: content}})())
two, missing, three = of([1, 2]).expr(None), of(None).expr(None), Decimal(3)
print(json.dumps([two, two < three, missing < three, missing >= three, missing == three]))
"""


def test_a_comparison_with_the_size_of_a_missing_attribute_is_false() -> None:
    assert _asked(_SIZES.format(root=str(ROOT))) == [2, True, False, False, False]


_STARTS_A_CONTAINER = """
import json, sys
from types import SimpleNamespace as Made
sys.path[:0] = {paths!r}
from localstack.services.lambda_ import hooks
unpacked = []
def layer(name):
    code = Made(prepare_for_execution=lambda: unpacked.append(name), get_unzipped_code_location=lambda: "/l/" + name)
    return Made(code=code)
container = Made(copy_folders=[("/code/.", "/var/task")])
hooks.start_docker_executor.run(container, Made(config=Made(layers=[layer("first"), layer("second")])))
print(json.dumps([*container.copy_folders, unpacked]))
"""


def test_a_functions_container_gets_its_layers_in_their_order() -> None:
    """Through the entry point that LocalStack runs before it creates the container."""
    paths = [str(path) for path in PYTHON_PATH]
    assert _asked(_STARTS_A_CONTAINER.format(paths=paths)) == [
        ["/code/.", "/var/task"],
        ["/l/first/.", "/opt"],
        ["/l/second/.", "/opt"],
        ["first", "second"],
    ]


_INVOKES_TWICE = """
import json, os, sys
from types import SimpleNamespace as Made
sys.path.insert(0, {root!r})
os.environ["EMULATION_FUNCTION_PYTHON"] = {python!r}
from emulation.localstack.executor import ProcessExecutor
code = Made(get_unzipped_code_location=lambda: {folder!r})
version = Made(
    config=Made(code=code, layers=[], handler="index.handler", timeout=5),
    id=Made(qualifier="$LATEST", function_name="f"),
)
executor = ProcessExecutor("1", version)
names = ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")
executor.start({{"AWS_LAMBDA_" + name: "128" for name in names}})
def invoke(event):
    about = {{"invoke-id": "1", "invoked-function-arn": "arn", "trace-id": "", "payload": json.dumps(event)}}
    result = executor.invoke(about)
    return [result.is_error, json.loads(result.payload)]
first, second = invoke({{"say": "first", "seconds": 6}}), invoke({{"say": "second", "seconds": 0}})
executor.stop()
print(json.dumps([first[0], *second]))
"""


def test_a_late_result_is_not_the_answer_to_the_next_invocation(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text(
        "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    return event['say']\n"
    )
    program = _INVOKES_TWICE.format(root=str(ROOT), python=str(FUNCTION_PYTHON), folder=str(tmp_path))
    assert _asked(program) == [True, False, "second"]


_INVOKES_WITHIN_A_TRACE = """
import json, os, sys
from types import SimpleNamespace as Made
sys.path.insert(0, {root!r})
os.environ["EMULATION_FUNCTION_PYTHON"] = {python!r}
os.environ["EMULATION_URL_XRAY"] = {xray!r}
from emulation.localstack.executor import ProcessExecutor
code = Made(get_unzipped_code_location=lambda: {folder!r})
version = Made(
    config=Made(code=code, layers=[], handler="index.handler", timeout=5),
    id=Made(qualifier="$LATEST", function_name="reader"),
)
executor = ProcessExecutor("1", version)
names = ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")
executor.start({{"AWS_LAMBDA_" + name: "128" for name in names}})
event = {{"headers": {{"x-amzn-trace-id": {trace!r} + ";Sampled=1"}}}}
about = {{"invoke-id": "1", "invoked-function-arn": "arn", "payload": json.dumps(event),
          "trace-id": "Root=1-6b04b32c-000000000000000000000000;Parent=0000000000000000;Sampled=1"}}
result = executor.invoke(about)
executor.stop()
print(json.dumps([json.loads(result.payload)]))
"""


def test_an_invocation_is_a_segment_below_that_of_its_request(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['_X_AMZN_TRACE_ID']\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(30)
        program = _INVOKES_WITHIN_A_TRACE.format(
            root=str(ROOT), python=str(FUNCTION_PYTHON), folder=str(tmp_path), trace=_TRACE,
            xray=f"http://127.0.0.1:{daemon.getsockname()[1]}",
        )  # fmt: skip
        (header,) = _asked(program)
        segment = json.loads(daemon.recv(65_536).partition(b"\n")[2])
    root, parent = (part.partition("=")[2] for part in _TRACE.split(";"))
    assert header == f"Root={root};Parent={segment['id']};Sampled=1"
    assert (segment["name"], segment["trace_id"], segment["parent_id"]) == ("reader", root, parent)


_STARTS_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep({seconds})
"""


@pytest.mark.parametrize("ends_by_itself", [True, False])
def test_processes_outside_the_session_end_with_localstack(ends_by_itself: bool) -> None:
    program = _STARTS_ANOTHER.format(seconds=2 if ends_by_itself else 600)
    family = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from emulation.localstack.family import Family; "
        f"sys.exit(Family([sys.executable, '-c', {program!r}], {{}}).run())"
    )
    process = subprocess.Popen([PYTHON, "-I", "-c", family], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    grandchild = int(process.stdout.readline())
    os.kill(grandchild, 0)
    if not ends_by_itself:
        process.terminate()
    assert process.wait(30) == 0
    wait_until(lambda: not _lives(grandchild), 60, "the grandchild ends")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_stack_across_both_emulators_is_created_updated_and_deleted(localstack: LocalStack, aws: Aws) -> None:
    name = f"both-{uuid.uuid4().hex[:8]}"
    resources: dict[str, Any] = {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": name}},
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "ClientName": "first"},
        },
        "Role": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": name, "Roles": [{"Ref": "Holder"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "cognito-idp:ListUsers", "Resource": {"Fn::GetAtt": ["Pool", "Arn"]}}
                ]},
            },
        },
        "Holder": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                           "Action": "sts:AssumeRole"}],
        }}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
    }  # fmt: skip
    outputs = {"Pool": {"Ref": "Pool"}, "Client": {"Ref": "Client"}, "Queue": {"Ref": "Queue"}}
    made = localstack.deploy(name, resources, outputs)
    assert verify_deployment(aws, Deployed(aws, [name])) == []
    cognito = localstack.client("cognito-idp")
    assert cognito.describe_user_pool(UserPoolId=made["Pool"])["UserPool"]["Name"] == name
    assert localstack.companion.client("cognito-idp").describe_user_pool(UserPoolId=made["Pool"])

    resources["Client"]["Properties"]["ClientName"] = "second"
    changed = localstack.deploy(name, resources, outputs)
    assert changed["Client"] == made["Client"]
    described = cognito.describe_user_pool_client(UserPoolId=made["Pool"], ClientId=made["Client"])
    assert described["UserPoolClient"]["ClientName"] == "second"

    localstack.client("cloudformation").delete_stack(StackName=name)
    wait_until(
        lambda: name not in [pool["Name"] for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]],
        60, "the pool goes with its stack", localstack.log,
    )  # fmt: skip


def test_cloudwatch_is_the_companions_and_alarms_reach_topics_of_localstack(localstack: LocalStack) -> None:
    name = f"alarm-{uuid.uuid4().hex[:8]}"
    made = localstack.deploy(
        name,
        {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
            "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
                "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}},
            "Slow": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
                "AlarmName": name, "Namespace": name, "MetricName": "Duration", "ExtendedStatistic": "p95",
                "Period": 60, "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold",
                "AlarmActions": [{"Ref": "Topic"}]}},
            "Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {
                "DashboardName": name, "DashboardBody": '{"widgets": []}'}},
        },
        {"Queue": {"Ref": "Queue"}, "Alarm": {"Ref": "Slow"}, "Board": {"Ref": "Board"}},
    )  # fmt: skip
    assert (made["Alarm"], made["Board"]) == (name, name)
    cloudwatch = localstack.client("cloudwatch")
    assert cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"] == '{"widgets": []}'
    now = datetime.now(UTC)
    cloudwatch.put_metric_data(
        Namespace=name, MetricData=[{"MetricName": "Duration", "Value": value, "Timestamp": now} for value in (99, 99)]
    )
    metric = {"Metric": {"Namespace": name, "MetricName": "Duration"}, "Period": 60, "Stat": "p95"}
    asked = [{"Id": "slow", "MetricStat": metric}]
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=asked, StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=1)
    )
    assert [round(one) for one in answer["MetricDataResults"][0]["Values"]] == [99]
    queues = localstack.client("sqs")
    (message,) = wait_until(
        lambda: queues.receive_message(QueueUrl=made["Queue"], WaitTimeSeconds=1).get("Messages"),
        30, "the alarm's message", localstack.log,
    )  # fmt: skip
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["AlarmName"], told["NewStateValue"]) == (name, "ALARM")


def test_a_resource_that_neither_emulator_supports_is_named(localstack: LocalStack, aws: Aws) -> None:
    name = f"stub-{uuid.uuid4().hex[:8]}"
    localstack.deploy(name, {"Group": {"Type": "AWS::XRay::Group", "Properties": {"GroupName": "g"}}}, {"A": "a"})
    said = verify_deployment(aws, Deployed(aws, [name]))
    assert said == [f"{name}/Group (AWS::XRay::Group): has no physical id (unknown)"]


def test_a_refusal_of_the_companion_fails_the_stack_with_its_reason(localstack: LocalStack) -> None:
    name = f"refused-{uuid.uuid4().hex[:8]}"
    cloudformation = localstack.client("cloudformation")
    client = {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": "us-east-1_nothere00"}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Client": client}}))
    stack = wait_until(lambda: localstack.settled(name), 60, "the stack fails", localstack.log)
    assert stack["StackStatus"] in ("CREATE_FAILED", "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert any("AWS::Cognito::UserPoolClient Client in the companion" in one.get("ResourceStatusReason", "")
               for one in events)  # fmt: skip


def _archive(name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, text)
    return made.getvalue()


def _function(localstack: LocalStack, name: str, queue: str) -> str:
    functions = localstack.client("lambda")
    layer = functions.publish_layer_version(
        LayerName=name, Content={"ZipFile": _archive("python/of_layer.py", "WORD = 'layered'")}
    )
    role = localstack.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = functions.create_function(
        FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role, Timeout=60,
        Code={"ZipFile": _archive("index.py", _HANDLER)}, Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"QUEUE": queue}},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    return str(made["FunctionArn"])


def test_an_http_api_of_the_companion_invokes_a_function_of_localstack(localstack: LocalStack) -> None:
    name = f"http-{uuid.uuid4().hex[:8]}"
    queues = localstack.client("sqs")
    queue = queues.create_queue(QueueName=name)["QueueUrl"]
    arn = _function(localstack, name, queue)
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api = localstack.deploy(
        name,
        {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": name, "ProtocolType": "HTTP"}},
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
            },
            "Calls": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": uri,
                    "PayloadFormatVersion": "2.0",
                },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "Api"}, "RouteKey": "$default",
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Calls"}]]},
                },
            },
        },
        {"Api": {"Ref": "Api"}},
    )["Api"]  # fmt: skip
    base = f"{localstack.companion.url}/_aws/execute-api/{api}"
    asked = urllib.request.Request(f"{base}/greets", headers={"x-amzn-trace-id": f"{_TRACE};Sampled=0"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        said = json.loads(answer.read())
    assert said == {"path": "/greets", "layer": "layered", "trace": f"{_TRACE};Sampled=0"}
    assert queues.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"], "its SDK reaches LocalStack"
    with pytest.raises(urllib.request.HTTPError) as failed:
        urllib.request.urlopen(f"{base}/fails", timeout=60)  # noqa: S310
    assert failed.value.code == 500
    assert json.loads(failed.value.read()) == {"message": "Internal Server Error"}
