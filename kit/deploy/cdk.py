"""The pinned CDK toolchain: ``cdklocal`` for emulators, ``cdk`` for AWS; never one that is installed globally."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulation.settings import ACCOUNT, REGION
from kit.settings import Settings

_CONCURRENCY = 5


class DeployFailed(Exception):
    """The toolchain or the emulator refused; the message is theirs."""


@dataclass(frozen=True)
class Toolchain:
    """Runs the CLI for one target; its output goes to our standard output."""

    settings: Settings
    target: str

    @property
    def is_aws(self) -> bool:
        return self.target == "aws"

    def bootstrap(self, account: str = ACCOUNT) -> None:
        """Create the stack ``CDKToolkit`` (staging bucket, roles) unless it is there.

        Outside the project: beside a ``cdk.json`` the CLI synthesizes the whole app, and takes the region from that.
        """
        with tempfile.TemporaryDirectory() as elsewhere:
            self._run("bootstrap", f"aws://{account}/{REGION}", folder=Path(elsewhere))

    def deploy(self, assembly: Path, stacks: Sequence[str]) -> None:
        """Deploy stacks of an assembly, those alone; independent ones side by side."""
        self._run(
            "deploy",
            *stacks,
            *("--app", str(assembly), "--exclusively", "--require-approval", "never"),
            *("--concurrency", str(_CONCURRENCY), "--progress", "events"),
            # A change set is for a person to look at; an emulator makes the update at once.
            *(() if self.is_aws else ("--method", "direct")),
        )

    def diff(self, assembly: Path, stacks: Sequence[str]) -> None:
        """Print what a deployment would change: resources, rights, replacements."""
        self._run("diff", *stacks, "--app", str(assembly), "--exclusively")

    def _run(self, *arguments: str, folder: Path | None = None) -> None:
        program = self.settings.root / "node_modules" / ".bin" / ("cdk" if self.is_aws else "cdklocal")
        if not program.exists():
            raise DeployFailed(f"{program} is missing: `make up` installs it")
        command = [str(program), *arguments, "--no-notices", "--ci"]
        done = subprocess.run(
            command,
            cwd=folder or self.settings.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=sys.stdout,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            raise DeployFailed(f"{program.name} {arguments[0]} ended with code {done.returncode}")

    def _environment(self) -> dict[str, str]:
        bin_folder = str(self.settings.root / "node_modules" / ".bin")
        env = dict(os.environ) | {"PATH": f"{bin_folder}:{os.environ.get('PATH', '')}", "CDK_VALIDATION": "false"}
        # Nothing about a run leaves this machine.
        env["CDK_DISABLE_CLI_TELEMETRY"] = "true"
        env |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        if not self.is_aws:
            # cdklocal 3 drops all AWS_* but these.
            env |= self.settings.aws_environment() | {
                "AWS_ENDPOINT_URL": self.settings.url("emulator").replace("127.0.0.1", "localhost"),
                "AWS_ENDPOINT_URL_S3": self.settings.url("emulator").replace("127.0.0.1", "localhost"),
                "AWS_ENVAR_ALLOWLIST": "AWS_REGION,AWS_DEFAULT_REGION,AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY",
            }
        return env
