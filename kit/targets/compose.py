"""The target on Docker: ``compose.yaml`` with the ports of this checkout, and the one-shot that deploys and seeds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from kit import console, inspect, shell
from kit.settings import Settings
from kit.steps import Runner, Step, StepFailed

#: Variable of ``compose.yaml`` → server whose published port it is.
_PORTS = {
    "PORT_EDGE": "edge",
    "PORT_EDGE_TLS": "edge_tls",
    "PORT_GATEWAY": "gateway",
    "PORT_CONSOLE": "console",
    "PORT_PUSH": "push",
    "PORT_EMULATOR": "emulator",
    "PORT_SEARCH": "search",
}
#: ``EMULATOR`` → service of ``compose.yaml``.
_EMULATORS = {"ministack": "emulator", "localstack": "localstack"}
#: Also the volumes of the one-shots.
_ALL_PROFILES = ("--profile", "*")
_MINIMUM_COMPOSE = (2, 20)


@dataclass(frozen=True)
class Target:
    """Every process a container; the host needs Docker with Compose v2, Python and make."""

    name: str = "compose"

    def require_possible(self) -> None:
        refuse_localstack()

    def up(self, settings: Settings) -> None:
        runner = Runner()
        runner.run([Step("preflight", "Check Docker", lambda: preflight())])
        runner.run(
            [
                Step("build", "Build the images", lambda: self._compose(settings, "build")),
                Step("start", "Start the services", lambda: self._start(settings), ("build",)),
            ]
        )
        # Its own progress lines go straight to the terminal.
        if self._call(settings, "run", "--rm", "-T", "deploy").returncode:
            raise StepFailed("the deployment failed; `make logs` shows the services")
        self._fetch_endpoints(settings)
        console.say(f"\n{console.bold('asyncsns is up on Docker')} after {console.human_seconds(runner.elapsed())}")
        console.say(inspect.summary(settings))

    def runs(self, settings: Settings) -> bool:
        if settings.remembered().get("target") != self.name or shutil.which("docker") is None:
            return False
        return bool(self._call(settings, "ps", "--quiet", capture=True).stdout.strip())

    def down(self, settings: Settings) -> None:
        self._compose(settings, *_ALL_PROFILES, "down")
        console.say("stopped; the volumes keep the state")

    def status(self, settings: Settings) -> int:
        return self._call(settings, "ps", "--all").returncode

    def logs(self, settings: Settings, service: str | None) -> None:
        self._call(settings, "logs", "--tail", "200", *([service] if service else []))

    def reset(self, settings: Settings) -> None:
        self._compose(settings, *_ALL_PROFILES, "down", "--volumes")
        settings.endpoints_file.unlink(missing_ok=True)
        console.say("volumes removed; `make up TARGET=compose` starts from scratch")

    def _start(self, settings: Settings) -> None:
        # Before the first container: what a start that fails or is interrupted leaves is stopped by `make down`.
        settings.remember(port_offset=settings.port_offset, target=self.name)
        self._compose(settings, "up", "-d", "--wait")

    def _fetch_endpoints(self, settings: Settings) -> None:
        command = ["run", "--rm", "-T", "deploy", "python", "-m", "kit.compose.deploy", "endpoints"]
        done = self._call(settings, *command, capture=True)
        try:
            document = json.loads(done.stdout)
        except ValueError:
            raise StepFailed(f"the deployment told no endpoints: {done.stdout[:300]}{done.stderr[:300]}") from None
        settings.endpoints_file.write_text(json.dumps(document, indent=2) + "\n", "utf-8")

    def _compose(self, settings: Settings, *arguments: str) -> None:
        command = [*_command(), *arguments]
        shell.run(command, cwd=settings.root, log=settings.logs / "compose.log", env=environment(settings))

    def _call(self, settings: Settings, *arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_command(), *arguments],
            cwd=settings.root,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            capture_output=capture,
            text=True,
            check=False,
        )


def _command() -> list[str]:
    return ["docker", "compose", "--file", "compose.yaml"]


def environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables of ``compose.yaml`` for this checkout; what the caller set stays.

    Raises:
        StepFailed: ``EMULATOR`` names none that there is.
    """
    emulator = environ.get("EMULATOR") or "ministack"
    if emulator not in _EMULATORS:
        raise StepFailed(f"EMULATOR={emulator}: expected one of {', '.join(sorted(_EMULATORS))}")
    ports = {variable: str(settings.port(name)) for variable, name in _PORTS.items()}
    offset = f"-{settings.port_offset}" if settings.port_offset else ""
    return {
        "COMPOSE_PROJECT_NAME": f"asyncsns{offset}",
        "COMPOSE_PROFILES": emulator,
        "EMULATOR": emulator,
        "EMULATOR_SERVICE": _EMULATORS[emulator],
        **ports,
        **environ,
    }


def refuse_localstack(environ: Mapping[str, str] = os.environ) -> None:
    """The capability table does not say what LocalStack takes, so the app is synthesized as for AWS and fails.

    Raises:
        StepFailed: ``EMULATOR`` asks for it.
    """
    if environ.get("EMULATOR") == "localstack":
        raise StepFailed(
            "EMULATOR=localstack cannot be used yet, because the templates cannot be synthesized for it: "
            "leave EMULATOR out to run MiniStack"
        )


def preflight() -> str | None:
    """Whether Docker and Compose v2 are there and answer.

    Raises:
        StepFailed: says what is missing and how to get it.
    """
    if shutil.which("docker") is None:
        raise StepFailed(
            "docker is missing: install Docker Engine or Docker Desktop (https://docs.docker.com/get-docker/)"
        )
    version = shell.capture(["docker", "compose", "version", "--short"])
    if version is None:
        raise StepFailed(
            "`docker compose` is missing: install the Compose v2 plugin (https://docs.docker.com/compose/install/)"
        )
    numbers = tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".")[:2])
    if numbers < _MINIMUM_COMPOSE:
        raise StepFailed(f"docker compose {version} is too old: expected 2.20 or newer")
    if shell.capture(["docker", "info", "--format", "{{.ServerVersion}}"]) is None:
        raise StepFailed("the Docker engine does not answer: start it (`docker info` says why)")
    return version
