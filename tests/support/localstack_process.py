"""LocalStack as a process for one module, with its companion, each with its own folder and free ports."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import boto3

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from tests.contract.emulator_process import ROOT, EmulatorProcess, free_offset, wait_until

PYTHON = ROOT / ".asyncsns" / "venv-localstack" / "bin" / "python"
FUNCTION_PYTHON = ROOT / ".asyncsns" / "venv-emulator" / "bin" / "python"


class LocalStack:
    """A LocalStack in host mode and its companion, each with its own folder."""

    def __init__(self, home: Path) -> None:
        port = 4568 + free_offset(4568)
        self.url = f"http://127.0.0.1:{port}"
        self.companion = EmulatorProcess(home / "companion", settings={"EMULATION_URL_FUNCTIONS": self.url})
        self._home = home
        self._environment = {
            "EMULATION_PORT_LOCALSTACK": str(port),
            "EMULATION_PORT_EMULATOR": str(port),
            "EMULATION_URL_COMPANION": self.companion.url,
            "EMULATION_STATE": str(home),
            "EMULATION_FUNCTION_PYTHON": str(FUNCTION_PYTHON),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        return PYTHON.exists()

    def start(self) -> LocalStack:
        self.companion.start()
        with (self._home / "localstack.log").open("ab") as log:
            environ = self.companion.environment() | self._environment
            command = [PYTHON, "-m", "emulation.localstack"]
            self._process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=ROOT)
        wait_until(self._is_up, 180, "LocalStack", self.log)
        return self

    def _is_up(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/_health", timeout=5) as answer:  # noqa: S310
            return bool(json.loads(answer.read())["status"] == "ok")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
        self.companion.stop()

    def log(self) -> str:
        return (self._home / "localstack.log").read_text()[-3000:]

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **DEFAULT_CREDENTIALS.for_boto3())

    def deploy(self, name: str, resources: dict[str, Any], outputs: dict[str, Any]) -> dict[str, str]:
        """Create or update a stack; returns its outputs."""
        cloudformation = self.client("cloudformation")
        body = json.dumps({"Resources": resources, "Outputs": {key: {"Value": one} for key, one in outputs.items()}})
        known = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
        (cloudformation.update_stack if name in known else cloudformation.create_stack)(
            StackName=name, TemplateBody=body
        )
        stack = wait_until(lambda: self.settled(name), 60, f"stack {name}", self.log)
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.log()
        return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

    def settled(self, name: str) -> Any:
        stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack
