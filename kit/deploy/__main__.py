"""``python -m kit.deploy bootstrap|stacks|code|finish|verify|warm|diff|all --target embedded|compose|aws``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError, run
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulation.private import keep_private
from emulation.settings import REGION
from kit import console, locks
from kit.deploy import assembly, localstack_plan, verify
from kit.deploy.cdk import DeployFailed, Toolchain
from kit.deploy.code import update_code
from kit.deploy.finish import Finish, endpoints_file
from kit.deploy.incremental import CODE, DEPLOYED, CodeDoesNotImport, Deployment, app_environment
from kit.deploy.quotas import quota_problem
from kit.deploy.region import region_problem
from kit.deploy.resources import Aws, Deployed, MissingResource
from kit.deploy.synth import synthesize
from kit.deploy.warm import warm
from kit.install import Installer
from kit.settings import LOCALSTACK, Settings
from kit.shell import CommandFailed

_COMMANDS = ("bootstrap", "stacks", "code", "finish", "verify", "warm", "diff", "all")


class Deploy:
    """The commands, with what they share."""

    def __init__(self, settings: Settings, target: str, folder: Path) -> None:
        self.settings, self.target, self.folder = settings, target, folder
        self.aws = Aws(REGION)
        self.tools = Toolchain(settings, target)

    def all(self) -> None:
        """From sources to a finished deployment, as `make deploy TARGET=aws` does."""
        account = self._account()
        if self.target == "aws" and (problem := quota_problem(self.aws.client("lambda"))):
            raise DeployFailed(problem)
        if (self.settings.root / "frontend-static" / "package.json").exists():
            Installer(self.settings).ui_build()
        Deployment(self.settings, self.target).check_imports()
        variables = app_environment(self.settings, self.folder, self.target, account, self.aws.region)
        run([sys.executable, "-m", "infra.app"], cwd=self.settings.root, env={**os.environ, **variables}, check=True)
        self.bootstrap(account)
        self.stacks()
        self.finish()

    def bootstrap(self, account: str = "") -> None:
        """Create the bootstrap stack of the CDK, unless it exists."""
        if "CDKToolkit" not in self._existing():
            self.tools.bootstrap(account or self._account())

    def stacks(self) -> None:
        """Pre-flight, deploy what changed, verify all."""
        wanted = assembly.stacks_of(self.folder)
        digests = assembly.DeployedDigests(self.settings.state / "stamps" / f"templates-{self.target}.json")
        # Others deploy to a shared account too: there the CLI itself compares with what is deployed.
        changed = wanted if self.target == "aws" else digests.changed(wanted, self._existing())
        if changed:
            self._require_services(changed)
            refused = verify.refused_templates(self.aws, changed, inline_limit=self.target == "aws")
            if refused:
                raise DeployFailed("the target refuses these templates:\n  " + "\n  ".join(refused))
            self.tools.deploy(self.folder, [stack.name for stack in changed])
            self._write_outputs({stack.name for stack in wanted})
        self.verify()
        digests.write(wanted)
        print(DEPLOYED + (", ".join(stack.name for stack in changed) or "no stack, none changed"))

    def _require_services(self, stacks: list[assembly.Stack]) -> None:
        if self.target == "aws" or self.settings.emulator != LOCALSTACK:
            return
        services = localstack_plan.services_of(self.aws.client("sts").meta.endpoint_url)
        if problem := localstack_plan.problem((stack.template for stack in stacks), services):
            raise DeployFailed(problem)

    def code(self) -> None:
        """Update functions to the code of the sources; on AWS ``stacks`` does that."""
        if self.target == "aws":
            raise DeployFailed("code: on AWS functions change with their stacks: python -m kit.deploy stacks")
        changed = update_code(self.aws.client("lambda"), self.settings.root, assembly.stacks_of(self.folder))
        if changed:
            print(f"{CODE}{', '.join(changed)}")

    def verify(self) -> None:
        """Check that every resource exists; list those that do not."""
        missing = verify.verify_deployment(self.aws, self._deployed())
        if missing:
            raise DeployFailed(
                "CloudFormation reports these as deployed, but their services do not have them:\n  "
                + "\n  ".join(missing)
            )

    def finish(self) -> None:
        """The finish step (see ``finish.py``)."""
        stacks = assembly.stacks_of(self.folder)
        for line in Finish(self.settings, self.target, self.aws, self._deployed(), stacks).run():
            print(line)

    def warm(self) -> None:
        """Start each function once."""
        found = json.loads(endpoints_file(self.settings, self.target).read_text("utf-8"))
        print(f"{warm(self.aws, self._deployed(), found['apis']['http'])} functions warm")

    def diff(self) -> None:
        """Print what a deployment would change, from separate templates; changes nothing."""
        folder = synthesize(self.settings, self.target, self._account())
        self.tools.diff(folder, [stack.name for stack in assembly.stacks_of(folder)])

    def _account(self) -> str:
        return str(self.aws.client("sts").get_caller_identity()["Account"])

    def _deployed(self) -> Deployed:
        return Deployed(self.aws, [stack.name for stack in assembly.stacks_of(self.folder)])

    def _existing(self) -> set[str]:
        return {stack["StackName"] for stack in self._stacks() if stack["StackStatus"].endswith("_COMPLETE")}

    def _stacks(self) -> list[dict[str, Any]]:
        pages = self.aws.client("cloudformation").get_paginator("describe_stacks").paginate()
        return [stack for page in pages for stack in page["Stacks"]]

    def _write_outputs(self, names: set[str]) -> None:
        """Stack → its outputs, as CloudFormation knows them; the CLI would write the changed stacks alone."""
        outputs = {
            stack["StackName"]: {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
            for stack in self._stacks()
            if stack["StackName"] in names
        }
        whole = self.settings.outputs_file
        temporary = whole.with_suffix(".tmp")
        temporary.write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n", "utf-8")
        temporary.replace(whole)


def main(arguments: list[str] | None = None) -> int:
    """Exit code of commands, one after the other; what is wrong goes to standard error in words."""
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit.deploy", description=__doc__)
    parser.add_argument("commands", choices=_COMMANDS, nargs="*", default=["all"], metavar="command")
    parser.add_argument(
        "--target", default=os.environ.get("TARGET") or "embedded", choices=("embedded", "compose", "aws")
    )
    parser.add_argument("--assembly", type=Path, default=None, help="the cdk.out folder")
    options = parser.parse_args(arguments)
    settings = Settings.load()
    if options.target != "aws":
        os.environ.update(settings.aws_environment())
    folder = settings.home / ("cdk.out" if options.target != "aws" else "cdk.out-aws")
    said = "make deploy" if options.commands == ["all"] else f"python -m kit.deploy {' '.join(options.commands)}"
    try:
        if options.target == "aws" and (problem := region_problem()):
            raise DeployFailed(problem)
        deploy = Deploy(settings, options.target, options.assembly or folder)
        with locks.exclusive(settings.root, said):
            for name in options.commands:
                command: Callable[[], None] = getattr(deploy, name)
                command()
    except locks.Busy as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1
    except (
        DeployFailed, CodeDoesNotImport, MissingResource, BotoCoreError, ClientError, CalledProcessError, CommandFailed,
    ) as error:  # fmt: skip
        print(f"{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
