"""Python functions on the emulator host, tested against the AWS Lambda Developer Guide:

"Building Lambda functions with Python", "Using the Lambda context object", "Defined runtime environment variables",
"Working with layers for Python Lambda functions", "Understanding the Lambda execution environment lifecycle".
"""

from __future__ import annotations

import base64
import io
import json
import os
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.emulator_process import EmulatorProcess, wait_until

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return buffer.getvalue()


class Functions:
    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.client = emulator.client("lambda")
        name = f"r{uuid.uuid4().hex[:8]}"
        role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        self.role = role["Role"]["Arn"]

    def create(self, source: str, **options: Any) -> str:
        name = f"f{uuid.uuid4().hex[:8]}"
        files = options.pop("files", {})
        defaults = {"Runtime": "python3.11", "Handler": "app.handler", "Role": self.role, "Timeout": 60}
        self.client.create_function(
            FunctionName=name, Code={"ZipFile": archive({"app.py": source, **files})}, **(defaults | options)
        )
        return name

    def call(self, name: str, event: Any = None) -> tuple[Any, str | None, str]:
        """Payload, function error, log."""
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return json.load(answer["Payload"]), answer.get("FunctionError"), log


@pytest.fixture(scope="module")
def functions(emulator: EmulatorProcess) -> Functions:
    return Functions(emulator)


def test_a_function_gets_the_documented_context_and_environment(functions: Functions) -> None:
    name = functions.create(
        "import os\n"
        "def handler(event, context):\n"
        "    return {'context': {k: getattr(context, k) for k in ('function_name', 'function_version',"
        " 'memory_limit_in_mb', 'invoked_function_arn', 'aws_request_id', 'log_group_name', 'log_stream_name')},"
        " 'left': context.get_remaining_time_in_millis(), 'environment': dict(os.environ), 'event': event}\n",
        Environment={"Variables": {"OWN": "value"}},
        MemorySize=256,
    )
    payload, error, _ = functions.call(name, {"a": [1, None, "日本"]})
    assert error is None
    assert payload["event"] == {"a": [1, None, "日本"]}
    assert payload["context"]["function_name"] == name
    assert payload["context"]["memory_limit_in_mb"] == "256"
    assert payload["context"]["invoked_function_arn"].endswith(f":function:{name}")
    assert payload["context"]["log_group_name"] == f"/aws/lambda/{name}"
    assert 30_000 < payload["left"] <= 60_000
    environment = payload["environment"]
    assert environment["OWN"] == "value"
    assert environment["AWS_ENDPOINT_URL"] == functions.emulator.url
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["AWS_SESSION_TOKEN"]
    assert environment["AWS_XRAY_DAEMON_ADDRESS"].startswith("127.0.0.1:")
    assert not [
        key for key in environment if key.startswith(("ASYNCSNS_", "EMULATION_", "MINISTACK", "PERSIST", "STATE_"))
    ]


def test_only_the_packages_of_the_runtime_are_visible(functions: Functions) -> None:
    name = functions.create(
        "import importlib.util\n"
        "def handler(event, context):\n"
        "    return {n: importlib.util.find_spec(n) is not None for n in event}\n"
    )
    payload, _, _ = functions.call(
        name, ["boto3", "botocore", "ministack", "uvicorn", "cryptography", "yaml", "kit", "emulation"]
    )
    assert payload == {
        "boto3": True, "botocore": True, "ministack": False, "uvicorn": False, "cryptography": False,
        "yaml": False, "kit": False, "emulation": False,
    }  # fmt: skip


def test_a_functions_own_service_descriptions_are_found_and_are_no_others(functions: Functions) -> None:
    """All environments share descriptions; a session with a folder of its own (``AWS_DATA_PATH``) has its own."""
    name = functions.create(
        "import os, boto3, botocore.session\n"
        "def handler(event, context):\n"
        "    shared = boto3.Session().get_available_services()\n"
        "    os.environ['AWS_DATA_PATH'] = os.path.join(os.environ['LAMBDA_TASK_ROOT'], 'models')\n"
        "    own = botocore.session.Session().get_available_services()\n"
        "    del os.environ['AWS_DATA_PATH']\n"
        "    again = boto3.Session().get_available_services()\n"
        "    return ['thing' in one and 'dynamodb' in one for one in (shared, own, again)], 'dynamodb' in shared\n",
        files={"models/thing/2020-01-01/service-2.json": "{}"},
    )
    payload, error, _ = functions.call(name)
    assert error is None, payload
    assert payload == [[False, True, False], True]


def test_an_exception_is_reported_with_its_type_and_the_environment_lives_on(functions: Functions) -> None:
    name = functions.create(
        "calls = 0\n"
        "class Refused(Exception): pass\n"
        "def handler(event, context):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    if event == 'fail': raise Refused('not today')\n"
        "    return calls\n"
    )
    payload, error, log = functions.call(name, "fail")
    assert error == "Unhandled"
    assert payload["errorType"] == "Refused"
    assert payload["errorMessage"] == "not today"
    assert "raise Refused" in "".join(payload["stackTrace"])
    assert "[ERROR] Refused: not today" in log
    assert functions.call(name)[0] == 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import missing_module\ndef handler(event, context): pass\n", "Runtime.ImportModuleError"),
        ("def handler(event, context): return object()\n", "Runtime.MarshalError"),
        ("def handler(event, context): return 'x' * 6_291_555\n", "Function.ResponseSizeTooLarge"),
        ("import os\ndef handler(event, context): os._exit(3)\n", "Runtime.ExitError"),
        ("def handler(event, context:\n", "SyntaxError"),
        ("import time\ndef handler(event, context): time.sleep(30)\n", "Sandbox.Timedout"),
    ],
)
def test_failures_of_the_runtime_have_their_error_types(functions: Functions, source: str, kind: str) -> None:
    name = functions.create(source, **({"Timeout": 1} if kind == "Sandbox.Timedout" else {}))
    for _ in range(2):
        payload, error, _ = functions.call(name)
        assert error == "Unhandled"
        assert payload["errorType"] == kind


def test_output_is_logged_and_cannot_be_taken_for_the_answer(functions: Functions) -> None:
    name = functions.create(
        "import os, sys\n"
        "def handler(event, context):\n"
        "    print('printed')\n"
        "    sys.stderr.write('no newline')\n"
        '    os.write(1, b\'{"status": "ok", "result": "spoofed"}\\n\')\n'
        "    print('x' * 300_000)\n"
        "    return 'real'\n"
    )
    payload, _, log = functions.call(name)
    assert payload == "real"
    assert log


def test_a_function_without_logs_is_as_fast_as_one_that_logs(functions: Functions) -> None:
    silent = functions.create("def handler(event, context): return event\n")
    logs = functions.create("def handler(event, context):\n    print('a line')\n    return event\n")
    times: dict[str, list[float]] = {silent: [], logs: []}
    for number in range(31):
        for name, found in times.items():
            started = time.perf_counter()
            assert functions.call(name, number)[0] == number
            found.append(time.perf_counter() - started)
    quickest = {name: min(found[1:]) for name, found in times.items()}
    # Both run on the same machine at the same time, so the load affects both alike.
    assert quickest[silent] < quickest[logs] + 0.045, "MiniStack's own workers wait 50 ms for a line that never arrives"


def test_layers_apply_in_order_and_function_code_overrides_them(functions: Functions) -> None:
    layers = []
    for number in (1, 2):
        content = archive({
            "python/shared.py": f"value = 'layer {number}'\n",
            f"python/only{number}.py": "value = 'there'\n",
        })  # fmt: skip
        version = functions.client.publish_layer_version(
            LayerName=f"l{uuid.uuid4().hex[:6]}", Content={"ZipFile": content}, CompatibleRuntimes=["python3.11"]
        )
        layers.append(version["LayerVersionArn"])
    source = (
        "import shared, only1, only2\ndef handler(event, context): return [shared.value, only1.value, only2.value]\n"
    )
    name = functions.create(source, Layers=layers)
    payload, _, _ = functions.call(name)
    assert payload[1:] == ["there", "there"]
    name = functions.create(source, Layers=layers, files={"shared.py": "value = 'code'\n"})
    assert functions.call(name)[0] == ["code", "there", "there"]


def test_new_code_and_configuration_are_used_at_once(functions: Functions) -> None:
    name = functions.create("import os\ndef handler(event, context): return os.environ.get('WHO', 'old')\n")
    assert functions.call(name)[0] == "old"
    functions.client.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHO": "new"}})
    wait_until(lambda: functions.call(name)[0] == "new", 60, "new configuration")
    functions.client.update_function_code(
        FunctionName=name, ZipFile=archive({"app.py": "def handler(event, context): return 'newest'\n"})
    )
    wait_until(lambda: functions.call(name)[0] == "newest", 60, "new code")


#: Ends when all eight have begun.
_MEETS = """
import os, time
def handler(event, context):
    open(os.path.join(event["folder"], str(event["number"])), "w").close()
    while len(os.listdir(event["folder"])) < 8:
        time.sleep(0.01)
    return os.getpid()
"""


def test_concurrent_calls_get_environments_of_their_own(functions: Functions, tmp_path: Path) -> None:
    name, place = functions.create(_MEETS), str(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        calls = pool.map(lambda number: functions.call(name, {"folder": place, "number": number}), range(8))
        pids = [payload for payload, _, _ in calls]
    assert len(set(pids)) == 8


def test_no_process_outlives_the_emulator(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    functions = Functions(emulator)
    name = functions.create(
        "import os, subprocess, time\n"
        "def handler(event, context):\n"
        "    child = subprocess.Popen(['sleep', '60'])\n"
        "    return [os.getpid(), os.getppid(), child.pid]\n"
    )
    environment, template, _ = functions.call(name)[0]
    assert _alive(environment)
    assert _alive(template)
    emulator.kill()
    wait_until(lambda: not _alive(environment) and not _alive(template), 60, "environment and template ended")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_log_groups_are_listed_while_functions_log(emulator: EmulatorProcess) -> None:
    """ "Viewing CloudWatch logs for Lambda": one stream per environment; the list is complete at any time."""
    functions, logs = Functions(emulator), emulator.client("logs")
    names = [functions.create("def handler(event, context):\n    print('line', event)\n") for _ in range(4)]
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(functions.client.invoke, FunctionName=name, Payload=b"1") for name in names * 10]
        while not all(call.done() for call in calls):
            logs.describe_log_groups(limit=50)
    groups = {group["logGroupName"]: group for group in logs.describe_log_groups(limit=50)["logGroups"]}
    for name in names:
        streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        printed = [one["message"] for one in events if one["message"] == "line 1"]
        assert (len(printed), len(streams) <= 5) == (10, True)
        size = sum(len(one["message"]) for one in events)
        assert (groups[f"/aws/lambda/{name}"]["storedBytes"], sum(one["storedBytes"] for one in streams)) == (
            size,
            size,
        )


def test_invocations_and_errors_are_counted_once(functions: Functions) -> None:
    """Developer Guide, "Types of metrics for Lambda functions"."""
    name = functions.create("def handler(event, context):\n    return 1 / event\n")
    for event in (1, 0, 1):
        functions.call(name, event)
    found = {}
    for metric in ("Invocations", "Errors"):
        points = functions.emulator.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda", MetricName=metric, Statistics=["Sum"], Period=3600,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=time.time() - 7200, EndTime=time.time() + 3600,
        )["Datapoints"]  # fmt: skip
        found[metric] = sum(point["Sum"] for point in points)
    assert found == {"Invocations": 3, "Errors": 1}
