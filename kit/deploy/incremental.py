"""Deploys only what changed. Standard library: deciding that nothing changed must not import the CDK."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulation.search.mending import REFILL
from emulation.settings import ACCOUNT, REGION
from infra.bundles import code_zip
from kit import console, inspect, shell
from kit.answers import is_deployed
from kit.deploy.context import target_settings
from kit.install import INTERPRETER, Installer
from kit.settings import Settings
from kit.stamps import Stamp, fingerprint
from kit.steps import UNCHANGED

#: How the line begins that says which stacks were deployed.
DEPLOYED = "deployed: "
#: How the line begins that says which functions got new code alone.
CODE = "new code: "

#: How lines begin that say what a step is doing: they are shown at once.
PROGRESS = "… "

#: Environment variables that ``infra`` reads at synthesis: another value gives another system.
_VARIABLES = tuple(
    f"ASYNCSNS_{name}"
    for name in (
        "MEDIA_PUBLIC_KEY", "MONTHLY_BUDGET_USD", "OPS_EMAIL", "PLATFORM_APPLICATIONS", "RATE_LIMITS",
        "REALTIME_REGISTRY", "STAGE", "STUN_URLS", "TURN_URLS",
    )
)  # fmt: skip
#: Inputs of the templates; the code of functions is a part that can change separately.
_TEMPLATE_SOURCES = ("infra", "cdk.json", "package-lock.json")


class CodeDoesNotImport(Exception):
    """Code that cannot be imported: functions would fail at each invocation. The message names modules, errors and
    lines."""


@dataclass(frozen=True)
class Deployment:
    """The deploy steps of an emulated target; each returns ``UNCHANGED`` when it had nothing to do."""

    settings: Settings
    target: str = "embedded"

    @property
    def assembly(self) -> Path:
        """The cloud assembly (``cdk.out``) of the last synthesis."""
        return self.settings.home / "cdk.out"

    @functools.cached_property
    def template_hash(self) -> str:
        """Hash of all inputs of the templates, except for the code of the functions."""
        root = self.settings.root
        layers = sorted((root / "requirements").glob("layer-*.txt"))
        python = fingerprint([root / "requirements" / "project.txt"], INTERPRETER)
        variables = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
        given = json.dumps([variables, target_settings(self.target, self.settings)])
        sources = [*(root / source for source in _TEMPLATE_SOURCES), *layers]
        return fingerprint(sources, python, given)

    @functools.cached_property
    def source_hash(self) -> str:
        """Hash of everything that is deployed, except the UI."""
        return fingerprint([self.settings.root / "services"], self.template_hash)

    @property
    def ui_hash(self) -> str:
        return fingerprint([self.settings.root / "frontend-static" / "dist"])

    def synthesize(self) -> str | None:
        """Run the CDK app by itself: the same as ``cdk synth`` without the start of the CLI."""
        stamp = Stamp(self.settings.home / "stamps" / "synth", self.template_hash)
        if stamp.is_current() and (self.assembly / "manifest.json").exists():
            return UNCHANGED
        stamp.clear()
        self._python("synth", "infra.app", env=app_environment(self.settings, self.assembly, self.target))
        stamp.write()
        return None

    def check_imports(self) -> str | None:
        """Import the handler of each context whose code changed, from the package that its functions get.

        Raises:
            CodeDoesNotImport: nothing of it is deployed.
        """
        python = fingerprint([self.settings.root / "requirements" / "project.txt"], INTERPRETER)
        # To find the packages' modules takes a quarter of a second; most often nothing at all was edited.
        whole = fingerprint([self.settings.root / "services"], python)
        unedited = Stamp(self.settings.home / "stamps" / "imports-of-all", whole)
        if unedited.is_current():
            return UNCHANGED
        contexts = sorted(file.parent.name for file in (self.settings.root / "services").glob("*/handler.py"))
        packages = {context: code_zip(self.settings.root, context) for context in contexts}
        stamps = {
            context: Stamp(self.settings.home / "stamps" / "imports" / context, fingerprint([], package.name, python))
            for context, package in packages.items()
        }
        changed = [context for context, stamp in stamps.items() if not stamp.is_current()]
        if changed:
            self._import(packages, changed)
        for context in changed:
            stamps[context].write()
        unedited.write()
        return ", ".join(changed) or UNCHANGED

    def _import(self, packages: dict[str, Path], changed: list[str]) -> None:
        program = self.settings.root / "kit" / "deploy" / "imports.py"
        pairs = [f"{packages[context]}=services.{context}.handler" for context in changed]
        command: list[str | Path] = [self.settings.venv / "bin" / "python", "-P", program, *pairs]
        said = shell.run(command, cwd=self.settings.root, log=self.settings.logs / "deploy-imports.log")
        if failures := json.loads(said.splitlines()[-1]):
            raise CodeDoesNotImport("nothing was deployed, because these modules fail:\n  " + "\n  ".join(failures))

    def bootstrap(self) -> str | None:
        """The bucket and roles that every CDK deployment uses."""
        stamp = self._state_stamp("bootstrapped", "1")
        if stamp.is_current() and self._exists():
            return UNCHANGED
        self._deploy("bootstrap")
        stamp.write()
        return None

    def deploy(self) -> str | None:
        """Deploy the stacks whose templates changed and verify every resource; after an edit of functions alone, give
        them their code."""
        stamp = self._state_stamp("deployed", self.source_hash)
        if stamp.is_current() and self._exists():
            return UNCHANGED
        stamp.clear()
        templates = self._state_stamp("templates", self.template_hash)
        if templates.is_current() and self._exists():
            report = self._deploy("code")
        else:
            templates.clear()
            report = self._deploy_stacks()
            templates.write()
        stamp.write()
        lines = [line for line in report.splitlines() if line.startswith((DEPLOYED, CODE))]
        return "; ".join(lines) or None

    def _deploy_stacks(self) -> str:
        if not Installer(self.settings).is_ui_built():
            return self._deploy("stacks", "code")
        # One process for all: its start and its clients cost a second.
        report = self._deploy("stacks", "code", "finish")
        self._finished().write()
        return report

    def _finished(self) -> Stamp:
        code = fingerprint([self.settings.root / "kit" / "deploy"])
        return self._state_stamp("finished", fingerprint([], self.template_hash, self.ui_hash, code))

    def finish(self) -> str | None:
        """Run the finish step."""
        stamp = self._finished()
        addresses = "baseUrl" in inspect.endpoints(self.settings)
        if stamp.is_current() and addresses:
            return UNCHANGED
        if not addresses and self.settings.endpoints_file.exists():
            self._state_stamp("seeded", "").clear()  # it writes the logins into the file, which is damaged
        stamp.clear()
        self._deploy("finish")
        stamp.write()
        return None

    def renew_indices(self) -> str | None:
        """Refill search indices whose mappings are older than this code's; checked once per code and state, and
        whenever the engine asks for a refill."""
        root = self.settings.root
        stamp = self._state_stamp("indices", fingerprint([root / "services" / "search", root / "kit" / "reindex.py"]))
        if stamp.is_current() and not (self.settings.state / "search" / REFILL).exists():
            return UNCHANGED
        said = self._python("indices", "kit.reindex", "--outdated", told=_show_progress)
        stamp.write()
        result = [line for line in said.splitlines() if not line.startswith(PROGRESS)]
        return "\n".join(result).strip() or UNCHANGED

    def paint(self) -> str | None:
        """Make the files of the seed, while the stacks are deployed; they stay when the state goes."""
        stamp = Stamp(self.settings.home / "stamps" / "seed-files", self._seeds)
        there = stamp.is_current() and (self.settings.home / "seed-files").is_dir()
        if there or self._state_stamp("seeded", self._seeds).is_current():
            return UNCHANGED
        stamp.clear()
        self._python("paint", "kit.seed.paint")
        stamp.write()
        return None

    def seed(self) -> str | None:
        """Seed people, posts and follows; only once per state."""
        stamp = self._state_stamp("seeded", self._seeds)
        if stamp.is_current():
            return UNCHANGED
        self._python("seed", "kit.seed")
        stamp.write()
        return None

    @functools.cached_property
    def _seeds(self) -> str:
        return fingerprint([self.settings.root / "kit" / "seed"])

    def _exists(self) -> bool:
        """Whether the deployment of the stamps still exists (the state may have been lost)."""
        return is_deployed(self.settings)

    def _deploy(self, *commands: str) -> str:
        return self._python(commands[0], "kit.deploy", *commands, "--target", self.target)

    def _python(
        self,
        step: str,
        module: str,
        *options: str,
        env: dict[str, str] | None = None,
        told: Callable[[str], None] = lambda line: None,
    ) -> str:
        command: list[str | Path] = [self.settings.venv / "bin" / "python", "-m", module, *options]
        log = self.settings.logs / f"deploy-{step}.log"
        merged = shell.base_environment() | {"ASYNCSNS_PORT_OFFSET": str(self.settings.port_offset)} | (env or {})
        return shell.run(command, cwd=self.settings.root, log=log, env=merged, told=told)

    def _state_stamp(self, name: str, value: str) -> Stamp:
        """Stamps about the emulator's content live beside it, so that they go when it goes."""
        return Stamp(self.settings.state / "stamps" / name, value)


def _show_progress(line: str) -> None:
    if line.startswith(PROGRESS):
        console.note(line.rstrip())


def app_environment(
    settings: Settings, assembly: Path, target: str, account: str = ACCOUNT, region: str = REGION
) -> dict[str, str]:
    """The environment that the CDK CLI sets for an app (https://docs.aws.amazon.com/cdk/v2/guide/environments.html)."""
    context = json.loads((settings.root / "cdk.json").read_text("utf-8")).get("context", {})
    context["target"] = target
    if handed := target_settings(target, settings):
        context["targetSettings"] = handed
    return {
        "CDK_OUTDIR": str(assembly),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "CDK_VALIDATION": "false",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        "PATH": f"{settings.root / 'node_modules' / '.bin'}:{os.environ.get('PATH', '')}",
    }
