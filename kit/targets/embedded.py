"""The default target: everything as processes of this machine, no Docker, no account."""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass

from kit import console, inspect, preflight, processes, search_node, seeded, sfu, turn
from kit.answers import wait_for_answers
from kit.deploy.incremental import Deployment
from kit.install import Installer
from kit.processes import Launch
from kit.settings import LOCALSTACK, MINISTACK, Settings
from kit.steps import UNCHANGED, Runner, Step, StepFailed
from kit.supervisor import client, recovered

#: A busy machine needs minutes for the first start of LocalStack, whose modules have to be compiled.
_START_SECONDS = 300.0


@dataclass(frozen=True)
class Target:
    """MiniStack in a process of ours, its Lambdas as processes too, the search engine and the edge beside."""

    name: str = "embedded"

    def require_possible(self) -> None:
        """This target supports every setting."""

    def up(self, settings: Settings) -> None:
        runner = Runner()
        runner.run([Step("preflight", "Check the machine", functools.partial(self._preflight, settings))])
        first = seeded.is_first_start(settings)
        kept = first and seeded.is_kept(settings)
        steps = [*self._install_steps(settings), *self._start_steps(settings, restored=kept)]
        runner.run([*steps, *self._deploy_steps(settings, kept=first and not kept)])
        console.say(f"\n{console.bold('asyncsns is up')} after {console.human_seconds(runner.elapsed())}")
        served = {launch.name: launch.url for launch in processes.read_launches(settings) if launch.url}
        console.say(inspect.summary(settings, served))

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
        console.say("state emptied; `make up` fills it again")

    def _preflight(self, settings: Settings) -> str | None:
        recovered.recover(settings)
        remembered = settings.remembered().get("port_offset", str(settings.port_offset))
        if client.is_running(settings) and remembered != str(settings.port_offset):
            first = f"it runs with ASYNCSNS_PORT_OFFSET={remembered}: `make down` first"
            raise StepFailed(f"{first}, then choose another offset")
        found = preflight.problems(settings)
        if found:
            raise StepFailed("this machine is not ready:\n  - " + "\n  - ".join(found))
        return "; ".join(preflight.notes()) or None

    def _install_steps(self, settings: Settings) -> list[Step]:
        installer = Installer(settings)
        steps = [*installer.steps(with_tests=False), Step("ui", "Build the UI", installer.ui_build, ("npm-ui",))]
        if search_node.is_wanted(settings):
            steps.append(Step("search-node", "Put OpenSearch together", lambda: search_node.install(settings)))
        return steps

    def _start_steps(self, settings: Settings, *, restored: bool) -> list[Step]:
        """The supervisor starts all in order of need; here one only waits until each answers."""
        installed = ["venv", "venv-emulator"]
        if settings.emulator == LOCALSTACK:
            installed += ["venv-localstack", "npm-kinesis"]
        if search_node.is_wanted(settings):
            installed.append("search-node")
        steps = []
        if restored:
            restore = functools.partial(seeded.restore, settings)
            steps.append(Step("restore", "Restore the seeded state", restore, tuple(installed)))
            installed.append("restore")
        start = functools.partial(_start, settings, self.name)
        steps += [Step("start", "Start the supervisor", start, tuple(installed))]
        for row in processes.table_of(settings):
            if row.ports:
                wait = functools.partial(_wait, settings, row.name)
                steps.append(Step(f"up-{row.name}", f"Start {row.name}: {row.about}", wait, ("start",)))
        return steps

    def _deploy_steps(self, settings: Settings, *, kept: bool) -> list[Step]:
        deployment = Deployment(settings)
        servers = tuple(f"up-{row.name}" for row in processes.table_of(settings) if row.ports)
        steps = [
            Step("synth", "Synthesize the stacks", deployment.synthesize, ("venv", "npm-cdk")),
            Step("imports", "Import the functions' code", deployment.check_imports, ("venv",)),
            Step(
                "cdk-bootstrap",
                "Bootstrap the account for CDK",
                deployment.bootstrap,
                # The edge too: by it these steps see that nothing is to be done.
                ("up-emulator", "up-edge", "npm-cdk", "venv"),
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
        steps.append(Step("indices", "Renew outdated search indices", deployment.renew_indices, ("answers",)))
        if settings.wants_seed:
            # Beside the deployment, which keeps one processor busy.
            steps.append(Step("paint", "Paint the seed's pictures", deployment.paint, ("synth",)))
            steps.append(Step("seed", "Seed a small lively network", deployment.seed, ("indices", "paint")))
        if kept:
            keep = functools.partial(seeded.keep, settings)
            steps.append(Step("keep", "Keep the seeded state for later starts", keep, ("seed",)))
        return steps


def _start(settings: Settings, target: str) -> str | None:
    launches = processes.launches(settings)
    before = processes.read_launches(settings) if client.is_running(settings) else []
    if before:
        seeded.resume(settings)
    if settings.emulator == LOCALSTACK and _of_localstack(before) != _of_localstack(launches):
        # It keeps nothing across a restart: what its companion and the stamps know of it would be wrong.
        client.stop(settings)
        shutil.rmtree(settings.state, ignore_errors=True)
    if settings.remembered().get("emulator", MINISTACK) != settings.emulator:
        # The other's: the finish step writes it again.
        settings.endpoints_file.unlink(missing_ok=True)
    # Before the first process: what a start that fails or is interrupted leaves is stopped by `make down`.
    search_node.note_change(settings)
    choices = {"turn": turn.choice(settings), "sfu": sfu.choice(settings), "search": search_node.choice(settings)}
    settings.remember(port_offset=settings.port_offset, target=target, emulator=settings.emulator, **choices)
    processes.write_launches(settings, launches)
    if client.ensure(settings):
        return "replaced that of an earlier version"
    return UNCHANGED if before == launches else None


def _of_localstack(launches: list[Launch]) -> list[Launch]:
    return [row for row in launches if row.name in ("companion", "localstack")]


def _wait(settings: Settings, name: str) -> str | None:
    launch: Launch = next(row for row in processes.read_launches(settings) if row.name == name)
    client.wait_healthy(settings, launch, _START_SECONDS)
    return launch.url
