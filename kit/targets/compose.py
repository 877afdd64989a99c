"""The target on Docker: ``compose.yaml`` with the ports of this checkout, and the one-shot that deploys and seeds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit import console, inspect, sfu, shell, turn
from kit.compose import engine
from kit.settings import LOCALSTACK, TURN_PORT, Settings
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
    "PORT_TURN": "turn",
    "PORT_SFU": "sfu",
    "PORT_UI": "ui",
}
#: Told at the end of `make up`: what a browser or a tool of this machine opens.
_SERVERS = ("console", "emulator", "search")
#: Those that are published whatever was asked for.
_PUBLISHED = {variable: name for variable, name in _PORTS.items() if name not in ("turn", "sfu", "ui")}
#: Also the volumes of the one-shots.
_ALL_PROFILES = ("--profile", "*")
#: They end: not to be waited for as a server is.
_ONE_SHOTS = frozenset({"deploy", "ready"})


@dataclass(frozen=True)
class Target:
    """Every process a container; the host needs Docker with Compose v2, Python and make."""

    name: str = "compose"

    def require_possible(self) -> None:
        if Settings.load().emulator == LOCALSTACK:
            engine.require_token()
            engine.require_socket()

    def up(self, settings: Settings) -> None:
        runner = Runner()
        runner.run([Step("preflight", "Check Docker", lambda: self._preflight(settings))])
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
        console.say(inspect.summary(settings, {name: settings.public_url(name) for name in _SERVERS}))

    def runs(self, settings: Settings) -> bool:
        if settings.remembered().get("target") != self.name or shutil.which("docker") is None:
            return False
        return bool(self._call(settings, "ps", "--quiet", capture=True).stdout.strip())

    def down(self, settings: Settings) -> None:
        self._compose(settings, *_ALL_PROFILES, "down", "--remove-orphans")
        console.say("stopped; the volumes keep the state")

    def status(self, settings: Settings) -> int:
        return self._call(settings, "ps", "--all").returncode

    def logs(self, settings: Settings, service: str | None) -> None:
        self._call(settings, "logs", "--tail", "200", *([service] if service else []))

    def reset(self, settings: Settings) -> None:
        self._compose(settings, *_ALL_PROFILES, "down", "--volumes", "--remove-orphans")
        settings.endpoints_file.unlink(missing_ok=True)
        console.say("volumes removed; `make up TARGET=compose` starts from scratch")

    def _preflight(self, settings: Settings) -> str | None:
        version = engine.preflight(settings)
        if not self._call(settings, "ps", "--quiet", capture=True).stdout.strip():
            engine.require_free_ports(settings, _PUBLISHED)
        return version

    def _start(self, settings: Settings) -> None:
        if settings.remembered().get("emulator", settings.emulator) != settings.emulator:
            # The other emulator's containers have the same ports.
            self._compose(settings, *_ALL_PROFILES, "down", "--remove-orphans")
            settings.endpoints_file.unlink(missing_ok=True)
        # Before the first container: what a start that fails or is interrupted leaves is stopped by `make down`.
        choices = {"turn": turn.choice(settings), "sfu": sfu.choice(settings), "emulator": settings.emulator}
        settings.remember(port_offset=settings.port_offset, target=self.name, **choices)
        services = self._call(settings, "config", "--services", capture=True).stdout.split()
        servers = sorted(set(services) - _ONE_SHOTS)
        try:
            self._compose(settings, "up", "-d", "--wait", *servers)
        except shell.CommandFailed:
            log = self._call(settings, "logs", "--tail", "100", "localstack", capture=True)
            if settings.emulator == LOCALSTACK and (why := engine.why_localstack_ended(log.stdout)):
                raise StepFailed(why) from None
            raise

    def _fetch_endpoints(self, settings: Settings) -> None:
        command = ["run", "--rm", "-T", "deploy", "python", "-m", "kit.compose.deploy", "endpoints"]
        done = self._call(settings, *command, capture=True)
        try:
            document = json.loads(done.stdout)
        except ValueError:
            raise StepFailed(f"the deployment printed no endpoints: {done.stdout[:300]}{done.stderr[:300]}") from None
        settings.endpoints_file.write_text(json.dumps(document, indent=2) + "\n", "utf-8")

    def _compose(self, settings: Settings, *arguments: str) -> None:
        command = [*_command(settings), *arguments]
        shell.run(command, cwd=settings.root, log=settings.logs / "compose.log", env=environment(settings))

    def _call(self, settings: Settings, *arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_command(settings), *arguments],
            cwd=settings.root,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            capture_output=capture,
            text=True,
            check=False,
        )


def files(settings: Settings) -> list[str]:
    """Compose files of the chosen emulator."""
    return ["compose.yaml", *(["compose.localstack.yaml"] if settings.emulator == LOCALSTACK else [])]


def _command(settings: Settings) -> list[str]:
    return ["docker", "compose", *(word for file in files(settings) for word in ("--file", file))]


def environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables of ``compose.yaml`` for this checkout; what the caller set stays."""
    ports = {variable: str(settings.port(name)) for variable, name in _PORTS.items()}
    offset = f"-{settings.port_offset}" if settings.port_offset else ""
    return {
        "COMPOSE_PROJECT_NAME": f"asyncsns{offset}",
        **_profiles(settings, environ),
        **_relay(settings, environ),
        **_media_server(settings, environ),
        **ports,
        "ACCESS_KEY_ID": settings.emulation.credentials.access_key_id,
        "SECRET_ACCESS_KEY": settings.emulation.credentials.secret_access_key,
        **environ,
    }


def _profiles(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    wanted = {"turn": turn.is_wanted(settings, environ), "sfu": sfu.is_wanted(settings, environ)}
    names = [name for name, is_wanted in wanted.items() if is_wanted]
    return {"COMPOSE_PROFILES": ",".join(names)} if names else {}


def _media_server(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    if not sfu.is_wanted(settings, environ):
        return {"SFU": "no"}
    return {"SFU": "yes", "SFU_SECRET": sfu.secret(settings)}


def _relay(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """With ``TURN=yes`` coturn too: its file is the host's, readable for its owner alone, whom the container is. The
    one-shot has a user of its own, who could not read such a file: it is given the secret itself."""
    if not turn.is_wanted(settings, environ):
        return {"TURN": "no"}
    secret = turn.secret(settings)
    text = turn.configuration(secret, Path("/tmp"), TURN_PORT, "0.0.0.0")  # noqa: S104, S108
    return {
        "TURN": "yes",
        "TURN_URLS": turn.urls(settings),
        "TURN_CONFIG_FILE": str(turn.write_configuration(settings, text)),
        "TURN_SECRET": secret,
        "TURN_USER": f"{os.getuid()}:{os.getgid()}",
    }
