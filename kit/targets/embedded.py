"""The default target: everything as processes of this machine, no Docker, no account."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from kit import console, inspect, preflight, processes
from kit.answers import wait_for_answers
from kit.deploy.incremental import Deployment
from kit.install import Installer
from kit.processes import Launch
from kit.settings import Settings
from kit.steps import UNCHANGED, Runner, Step, StepFailed
from kit.supervisor import client

_START_SECONDS = 120.0


@dataclass(frozen=True)
class Target:
    """MiniStack in a process of ours, its Lambdas as processes too, the search engine and the edge beside."""

    name: str = "embedded"

    def require_possible(self) -> None:
        """Nothing that it may be asked for is refused."""

    def up(self, settings: Settings) -> None:
        runner = Runner()
        runner.run([Step("preflight", "Check the machine", functools.partial(self._preflight, settings))])
        runner.run([*self._install_steps(settings), *self._start_steps(settings), *self._deploy_steps(settings)])
        console.say(f"\n{console.bold('asyncsns is up')} after {console.human_seconds(runner.elapsed())}")
        console.say(inspect.summary(settings))

    def runs(self, settings: Settings) -> bool:
        return client.is_running(settings)

    def down(self, settings: Settings) -> None:
        stopped = client.stop(settings)
        console.say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")

    def status(self, settings: Settings) -> int:
        return inspect.print_status(settings)

    def logs(self, settings: Settings, service: str | None) -> None:
        inspect.print_logs(settings, service)

    def reset(self, settings: Settings) -> None:
        self.down(settings)
        inspect.empty_state(settings)
        console.say("state emptied; `make up` starts from scratch")

    def _preflight(self, settings: Settings) -> str | None:
        remembered = settings.remembered().get("port_offset", str(settings.port_offset))
        if client.is_running(settings) and remembered != str(settings.port_offset):
            first = f"it runs with ASYNCSNS_PORT_OFFSET={remembered}: `make down` first"
            raise StepFailed(f"{first}, then choose another offset")
        found = preflight.problems(settings)
        if found:
            raise StepFailed("this machine is not ready:\n  - " + "\n  - ".join(found))
        return None

    def _install_steps(self, settings: Settings) -> list[Step]:
        installer = Installer(settings)
        return [*installer.steps(), Step("ui", "Build the UI", installer.ui_build, ("npm-ui",))]

    def _start_steps(self, settings: Settings) -> list[Step]:
        """The supervisor starts all in order of need; here one only waits until each answers."""
        steps = [
            Step(
                "start",
                "Start the supervisor",
                functools.partial(_start, settings, self.name),
                ("venv", "venv-emulator"),
            )
        ]
        for row in processes.EMBEDDED:
            if row.ports:
                wait = functools.partial(_wait, settings, row.name)
                steps.append(Step(f"up-{row.name}", f"Start {row.name}: {row.about}", wait, ("start",)))
        return steps

    def _deploy_steps(self, settings: Settings) -> list[Step]:
        deployment = Deployment(settings)
        servers = tuple(f"up-{row.name}" for row in processes.EMBEDDED if row.ports)
        steps = [
            Step("synth", "Synthesize the stacks", deployment.synthesize, ("venv", "npm-cdk")),
            Step("imports", "Import the functions' code", deployment.check_imports, ("venv",)),
            Step(
                "cdk-bootstrap",
                "Bootstrap the account for CDK",
                deployment.bootstrap,
                ("up-emulator", "npm-cdk", "venv"),
            ),
            Step("deploy", "Deploy every stack", deployment.deploy, ("synth", "imports", "cdk-bootstrap")),
            Step("finish", "Finish: UI, keys, CORS, endpoints", deployment.finish, ("deploy", "ui", "up-edge")),
            Step(
                "answers",
                "Wait until all of it answers",
                functools.partial(wait_for_answers, settings),
                ("finish", *servers),
            ),
        ]
        if os.environ.get("SEED", "yes") not in ("no", "0"):
            steps.append(Step("seed", "Seed a small lively network", deployment.seed, ("answers",)))
        return steps


def _start(settings: Settings, target: str) -> str | None:
    launches = processes.launches(settings)
    unchanged = client.is_running(settings) and processes.read_launches(settings) == launches
    # Before the first process: what a start that fails or is interrupted leaves is stopped by `make down`.
    settings.remember(port_offset=settings.port_offset, target=target)
    processes.write_launches(settings, launches)
    if client.ensure(settings):
        return "replaced that of an earlier version"
    return UNCHANGED if unchanged else None


def _wait(settings: Settings, name: str) -> str | None:
    launch: Launch = next(row for row in processes.read_launches(settings) if row.name == name)
    client.wait_healthy(settings, launch, _START_SECONDS)
    return launch.url
