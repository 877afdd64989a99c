"""The emulator host's API for `make dev`: new code starts before the update, and the old code serves until then."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulation.emulator.lambdas.pointers import POINTER
from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess, wait_until
from tests.contract.test_lambda_execution_environment import Functions, archive

SOURCE = "import os\nprint('imported {0}')\ndef handler(event, context):\n    return ['{0}', os.getpid()]\n"


@pytest.fixture(scope="module")
def functions(emulator: EmulatorProcess) -> Functions:
    return Functions(emulator)


def prepare(functions: Functions, names: str, package: bytes) -> tuple[int, dict[str, Any]]:
    url = f"{functions.emulator.url}/_asyncsns/prepared"
    answer = httpx.put(url, params={"functions": names}, content=package, headers=HELPER_HEADERS, timeout=60)
    return answer.status_code, answer.json()


def environments(functions: Functions, name: str) -> set[int]:
    answer = httpx.get(f"{functions.emulator.url}/_asyncsns/environments", headers=HELPER_HEADERS, timeout=60)
    return {one["pid"] for one in answer.json()["environments"] if one["function"] == name}


def test_an_update_finds_the_environment_that_was_prepared_for_it(functions: Functions) -> None:
    name = functions.create(SOURCE.format("old"))
    old, _, _ = functions.call(name)
    package = archive({"app.py": SOURCE.format("new")})
    assert prepare(functions, name, package) == (200, {"function": name})
    assert functions.call(name)[0] == old
    cold = functions.emulator.health()["lambda"]["coldStarts"]
    functions.client.update_function_code(FunctionName=name, ZipFile=package)
    answer, error, log = functions.call(name)
    assert (answer[0], error) == ("new", None)
    assert "imported new" in log
    assert environments(functions, name) == {answer[1]}
    assert functions.emulator.health()["lambda"]["coldStarts"] == cold


def test_another_package_than_the_prepared_one_starts_cold(functions: Functions) -> None:
    name = functions.create(SOURCE.format("old"))
    prepare(functions, name, archive({"app.py": SOURCE.format("prepared")}))
    functions.client.update_function_code(FunctionName=name, ZipFile=archive({"app.py": SOURCE.format("put")}))
    assert functions.call(name)[0][0] == "put"


def test_code_that_fails_to_import_is_reported_and_the_old_code_keeps_running(
    functions: Functions,
) -> None:
    name = functions.create(SOURCE.format("old"))
    old, _, _ = functions.call(name)
    status, told = prepare(functions, name, archive({"app.py": "import nowhere_at_all\n"}))
    assert (status, told["function"]) == (409, name)
    assert told["errorType"] == "Runtime.ImportModuleError"
    assert "nowhere_at_all" in told["errorMessage"]
    assert 'app.py", line 1' in told["stackTrace"][-1]
    assert functions.call(name)[0] == old
    logs, group = functions.emulator.client("logs"), f"/aws/lambda/{name}"

    def logged() -> bool:
        events = logs.filter_log_events(logGroupName=group)["events"]
        return any("nowhere_at_all" in event["message"] for event in events)

    wait_until(logged, 60, "the import error in the function's log", functions.emulator.log)


def test_the_last_called_of_several_functions_is_prepared(functions: Functions) -> None:
    first, second, third = (functions.create(SOURCE.format(word)) for word in ("a", "b", "c"))
    for name in (first, third, second):
        functions.call(name)
    _, told = prepare(functions, f"{first},{second},{third}", archive({"app.py": SOURCE.format("d")}))
    assert told["function"] == second
    status, told = prepare(functions, "nobody", b"")
    assert (status, "nobody" in told["message"]) == (404, True)


def test_a_package_may_name_a_folder_of_the_state(functions: Functions, tmp_path: Path) -> None:
    inside = functions.emulator.home / "emulator" / "trees" / f"t{uuid.uuid4().hex[:8]}"
    for folder in (inside, tmp_path):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "app.py").write_text(SOURCE.format("from a folder"))
    name = functions.create(SOURCE.format("old"))
    for folder, answers in ((inside, True), (tmp_path, False), (inside / ".." / ".." / "..", False)):
        package = archive({POINTER: json.dumps({"tree": str(folder)})})
        functions.client.update_function_code(FunctionName=name, ZipFile=package)
        payload, error, _ = functions.call(name)
        assert (payload[0] == "from a folder" and error is None) if answers else "not below" in payload["errorMessage"]
