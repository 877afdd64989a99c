"""More invocations than slots: they wait in order, and nothing else waits for them.

Functions run until a gate file exists. Few invocations wait, so all have arrived well before the wait's timeout.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.emulator_process import EmulatorProcess, wait_until
from tests.contract.test_lambda_execution_environment import archive

LIMIT = 2
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
MAY_INVOKE = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}],
})  # fmt: skip
#: Appends its number to a file when it begins, then waits for the gate.
WAITER = """
import os, time
def handler(event, context):
    with open(event['seen'], 'a') as seen:
        seen.write(f"{event['number']}\\n")
    while not os.path.exists(event['gate']):
        time.sleep(0.01)
    return os.getpid()
"""
CALLS_ITSELF = """
import json, boto3
def handler(event, context):
    if not event['deeper']:
        return 'bottom'
    payload = json.dumps({'deeper': event['deeper'] - 1})
    answer = boto3.client('lambda').invoke(FunctionName=context.function_name, Payload=payload)
    return json.load(answer['Payload'])
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """An emulator with ``LIMIT`` slots."""
    settings = {"EMULATION_LAMBDA_CONCURRENCY": str(LIMIT)}
    process = EmulatorProcess(tmp_path_factory.mktemp("small"), settings=settings).start()
    yield process
    process.stop()


class Scene:
    """Functions of one emulator, and the gate that blocks them."""

    def __init__(self, emulator: EmulatorProcess, folder: Path) -> None:
        self.emulator, self.client = emulator, emulator.client("lambda")
        self.gate, self.seen = folder / "gate", folder / "seen"
        name = f"r{uuid.uuid4().hex[:8]}"
        iam = emulator.client("iam")
        self.role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=MAY_INVOKE)
        self.pool = ThreadPoolExecutor(64)

    def create(self, source: str) -> str:
        name = f"f{uuid.uuid4().hex[:8]}"
        self.client.create_function(
            FunctionName=name, Runtime="python3.11", Handler="app.handler", Role=self.role, Timeout=60,
            Code={"ZipFile": archive({"app.py": source})},
        )  # fmt: skip
        return name

    def event(self, number: int) -> dict[str, Any]:
        return {"number": number, "gate": str(self.gate), "seen": str(self.seen)}

    def call(self, name: str, event: Any, **options: Any) -> Any:
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        content = answer["Payload"].read()
        return json.loads(content) if content else None

    def begin(self, name: str, number: int) -> Future[Any]:
        return self.pool.submit(self.call, name, self.event(number))

    def open(self) -> None:
        self.gate.touch()

    def begun(self) -> list[int]:
        return [int(line) for line in self.seen.read_text().split()] if self.seen.exists() else []

    def known(self) -> int:
        """All calls that run or wait."""
        return sum(self.counts())

    def inside(self) -> int:
        """Calls that run or wait for a slot."""
        return self.counts()[0]

    def counts(self) -> tuple[int, int]:
        """Calls inside and outside, from one health response."""
        found = self.emulator.health()["lambda"]
        return int(found["running"] + sum(found["waiting"].values())), int(found["waitingOutside"])


@pytest.fixture
def scene(small: EmulatorProcess, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(small, tmp_path)
    yield made
    made.open()
    made.pool.shutdown()
    wait_until(lambda: made.known() == 0, 60, "all calls ended", small.log)


def test_calls_beyond_the_limit_wait_in_order_and_all_are_answered(scene: Scene, tmp_path: Path) -> None:
    """All slots but one stay taken, so the other calls go through that slot, each with its own gate."""
    name = scene.create(WAITER)
    calls = [scene.begin(name, number) for number in range(LIMIT - 1)]
    wait_until(lambda: len(scene.begun()) == LIMIT - 1, 60, "the first have begun", scene.emulator.log)
    last = LIMIT + 6
    gates = {number: tmp_path / f"gate {number}" for number in range(LIMIT - 1, last)}
    for number, gate in gates.items():
        calls.append(scene.pool.submit(scene.call, name, scene.event(number) | {"gate": str(gate)}))
        wait_until(lambda expected=number + 1: scene.known() == expected, 60, "the call has come", scene.emulator.log)
    for number, gate in gates.items():
        wait_until(lambda begun=number + 1: len(scene.begun()) == begun, 60, "the next has begun", scene.emulator.log)
        assert scene.begun()[-1] == number
        # One call that waited outside has entered before another slot is released.
        wait_until(lambda left=last - number: scene.inside() == min(2 * LIMIT, left + LIMIT - 1), 60, "the next waits")
        gate.touch()
    pids = {call.result(60) for call in calls[LIMIT - 1 :]}
    assert len(pids) == 1
    scene.open()
    assert calls[0].result(60) not in pids


def test_the_health_page_answers_while_everything_is_busy(scene: Scene) -> None:
    name = scene.create(WAITER)
    calls = [scene.begin(name, number) for number in range(12)]
    wait_until(lambda: scene.known() == 12, 60, "all calls have come", scene.emulator.log)
    found = scene.emulator.health()
    assert found["status"] == "ok"
    assert found["lambda"]["running"] == LIMIT
    assert found["lambda"]["limit"] == LIMIT
    scene.open()
    assert len({call.result(60) for call in calls}) == LIMIT


def test_a_flood_of_background_work_leaves_room_for_a_person(scene: Scene) -> None:
    waiter, quick = scene.create(WAITER), scene.create("def handler(event, context): return 'quick'\n")
    for number in range(8):
        scene.call(waiter, scene.event(number), InvocationType="Event")
    wait_until(lambda: scene.known() == 8, 60, "all events have come", scene.emulator.log)
    assert scene.call(quick, None) == "quick"
    assert len(scene.begun()) == 1
    scene.open()
    wait_until(lambda: len(scene.begun()) == 8, 60, "all events were handled", scene.emulator.log)


def test_a_flood_of_people_does_not_starve_background_work(scene: Scene) -> None:
    waiter = scene.create(WAITER)
    calls = [scene.begin(waiter, number) for number in range(8)]
    wait_until(lambda: scene.known() == 8, 60, "all calls have come", scene.emulator.log)
    scene.call(waiter, scene.event(99), InvocationType="Event")
    wait_until(lambda: scene.known() == 9, 60, "the event has come", scene.emulator.log)
    scene.open()
    assert all(call.result(60) for call in calls)
    wait_until(lambda: 99 in scene.begun(), 60, "the event was handled", scene.emulator.log)
    assert scene.begun().index(99) < 8


def test_the_pump_marks_its_invocations_as_background(small: EmulatorProcess, scene: Scene) -> None:
    """The pump uses ``emulation.aws.client``, whose calls wait in the background queue."""
    waiter = scene.create(WAITER)
    session = small.client("lambda", endpoint_override=small.url)
    session.meta.events.register(
        "before-call.lambda.Invoke", lambda params, **_: params["headers"].update({"X-Asyncsns-Caller": "background"})
    )
    calls = [
        scene.pool.submit(session.invoke, FunctionName=waiter, Payload=json.dumps(scene.event(number)))
        for number in range(4)
    ]
    wait_until(lambda: small.health()["lambda"]["waiting"]["background"] == 3, 60, "three wait", small.log)
    scene.open()
    assert all(call.result(60)["StatusCode"] == 200 for call in calls)


def test_functions_that_call_functions_do_not_wait_for_themselves(scene: Scene) -> None:
    name = scene.create(CALLS_ITSELF)
    calls = [scene.pool.submit(scene.call, name, {"deeper": 4}) for _ in range(2 * LIMIT)]
    assert [call.result(60) for call in calls] == ["bottom"] * len(calls)


def test_reserved_concurrency_refuses_at_once_as_on_aws(scene: Scene) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors"""
    name = scene.create(WAITER)
    scene.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    first = scene.begin(name, 0)
    wait_until(lambda: scene.begun() == [0], 60, "the first has begun", scene.emulator.log)
    with pytest.raises(ClientError) as refused:
        scene.call(name, scene.event(1))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    scene.open()
    assert first.result(60)
    assert scene.call(name, scene.event(2))
