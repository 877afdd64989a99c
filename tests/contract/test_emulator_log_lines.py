"""The log lines of all groups in one request, as the console follows them; CloudWatch Logs returns the same lines."""

from __future__ import annotations

import time
import uuid

import httpx

from emulation.console.log_lines import ApiLines, EmulatorLines, Line, LineIndex
from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess
from tests.contract.test_lambda_execution_environment import Functions


def test_log_lines_of_functions_and_others_arrive_once_and_in_order(emulator: EmulatorProcess) -> None:
    logs, functions = emulator.client("logs"), Functions(emulator)
    group, text = f"lines-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    name = functions.create(f"def handler(event, context):\n    print('{text} of a function')\n")

    def put(message: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": message}]
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    put(f"{text} of before")
    with httpx.Client(base_url=emulator.url, headers=HELPER_HEADERS, timeout=60) as http:
        index = LineIndex(EmulatorLines(http, logs))
        seen: list[Line] = []
        index.follow(seen.append)
        index.refresh()
        assert [line.message for line in index.newest(10, 0, text=text)] == [f"{text} of before"]
        functions.call(name)
        put(f"{text} of after")
        index.refresh()
        found = index.newest(10, 0, text=text)
        index.refresh()
    assert [(line.group, line.message) for line in found] == [
        (group, f"{text} of before"),
        (f"/aws/lambda/{name}", f"{text} of a function"),
        (group, f"{text} of after"),
    ]
    assert [line for line in seen if text in line.message] == found
    of_the_api = LineIndex(ApiLines(logs))
    of_the_api.refresh()
    assert of_the_api.newest(10, 0, text=text) == found
    assert {group, f"/aws/lambda/{name}"} <= set(index.groups())


def test_a_wrong_number_is_refused(emulator: EmulatorProcess) -> None:
    answer = httpx.get(f"{emulator.url}/_asyncsns/lines?after=x", headers=HELPER_HEADERS)
    assert (answer.status_code, "number" in answer.text) == (400, True)
