"""Another CDK app on the emulation: started on its own, in another region, without this project's tools.

The README of ``emulation/``, "With another CDK app", describes the same steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.contract.emulator_process import free_offset, wait_until

ROOT = Path(__file__).parents[2]
APP = ROOT / "tests" / "emulation_app" / "app.py"
REGION = "eu-west-1"
#: The whole test takes about 40 seconds on a quiet machine, most of it in the CDK's command line.
pytestmark = pytest.mark.timeout(400)


@dataclass
class Emulation:
    """``python -m emulation up`` on free ports, and the CDK's command line against it."""

    home: Path
    offset: int
    process: subprocess.Popen[str]

    @property
    def endpoint(self) -> str:
        # By host name: otherwise the CDK addresses a bucket as a subdomain.
        return f"http://localhost:{4566 + self.offset}"

    def cdklocal(self, *arguments: str) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))} | {
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_S3_FORCE_PATH_STYLE": "1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENVAR_ALLOWLIST": "AWS_REGION,AWS_DEFAULT_REGION",
            "PATH": f"{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}",
        }  # fmt: skip
        done = subprocess.run(
            ["cdklocal", *arguments, "--no-notices", "--ci"],
            cwd=self.home, env=environment, capture_output=True, text=True, timeout=150, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def deploy(self) -> dict[str, str]:
        """Deploy the stack; returns its outputs."""
        self.cdklocal("bootstrap", f"aws://000000000000/{REGION}")
        outputs = self.home / "outputs.json"
        self.cdklocal(
            "deploy", "--app", f"{sys.executable} {APP}", "--all", "--require-approval", "never",
            "--method", "direct", "--outputs-file", str(outputs),
        )  # fmt: skip
        found: dict[str, str] = json.loads(outputs.read_text())["notes"]
        return found


@pytest.fixture(scope="module")
def emulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulation]:
    home, offset = tmp_path_factory.mktemp("emulation"), free_offset()
    python = ROOT / ".asyncsns" / "venv-emulator" / "bin" / "python"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "emulation", "up", "--state", str(home / "state"), "--logs", str(home / "logs"),
            "--port-offset", str(offset), "--only", "emulator,pump,edge", "--emulator-python", str(python),
        ],
        cwd=ROOT, env=os.environ | {"EMULATION_REGION": REGION}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = next((line for line in process.stdout if "AWS_ENDPOINT_URL" in line), "")
    assert f"AWS_REGION={REGION}" in said, "it ended before all servers were up"
    yield Emulation(home, offset, process)
    process.terminate()
    assert process.wait(60) == 0


def test_an_app_of_api_function_table_stream_and_bucket_works(emulation: Emulation) -> None:
    """A posted item is in the table; the stream's consumer copies it to the bucket, where the API reads it."""
    started = time.monotonic()
    outputs = emulation.deploy()
    gateway = f"http://localhost:{8081 + emulation.offset}/_api/{outputs['ApiId']}"
    with httpx.Client(headers={"content-type": "text/plain"}, timeout=60) as client:
        made = wait_until(lambda: _posted(client, f"{gateway}/notes"), 60, "POST /notes")
        assert (made["text"], made["region"]) == ("hello", REGION)
        copy = f"{gateway}/copies/{made['id']}"
        wait_until(lambda: client.get(copy).status_code == 200, 60, "the copy that the stream's consumer makes")
        assert client.get(copy).text == "hello"
        assert client.get(f"{gateway}/copies/none").status_code == 404
    print(f"deployed and used in {time.monotonic() - started:.0f} s")


def _posted(client: httpx.Client, url: str) -> dict[str, str]:
    answer = client.post(url, content="hello")
    return dict(answer.json()) if answer.status_code == 201 else {}


def test_a_server_that_does_not_start_ends_the_others(emulation: Emulation, tmp_path: Path) -> None:
    """The pump's port is in use: the search engine, which had started, is stopped."""
    done = subprocess.run(
        [sys.executable, "-m", "emulation", "up", "--state", str(tmp_path / "state"), "--logs", str(tmp_path),
         "--port-offset", str(emulation.offset), "--only", "search,pump"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    pump = f"http://127.0.0.1:{8084 + emulation.offset}"
    assert done.stderr.strip() == f"pump: expected nothing at {pump}, found another server"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{9200 + emulation.offset}/_health", timeout=60)


def test_an_unknown_server_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "emulation", "up", "--only", "edge,posts"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("--only: expected some of search, emulator,")
