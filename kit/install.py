"""Installs from lock files only: uv by pip, two environments by uv, node_modules by npm; the UI's build.

Each can be interrupted at any moment. Environments and the UI's build are made beside their place and renamed into it
when they are whole; npm makes ``node_modules`` in place. Each folder holds its own stamp, which is written last and
cleared first: a folder without a valid stamp is made again from nothing, never mended. (uv takes a package for
installed as soon as its ``.dist-info`` is there, which may be before its modules are.)
"""

from __future__ import annotations

import ensurepip
import functools
import shutil
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulation.private import usual_umask
from kit import pythons, shell
from kit.settings import LOCALSTACK, Settings
from kit.stamps import Stamp, fingerprint
from kit.steps import UNCHANGED, Step, StepFailed

#: Environments are made again for another interpreter: compiled packages fit only one.
INTERPRETER = f"{sys.executable} {sys.version}"
#: Of LocalStack 4.14.0. Its packages say 3.10 or newer, its code needs 3.13.
LOCALSTACK_PYTHON = "3.13"
_STAMP = ".asyncsns-stamp"
_OMITTED = "--omit=dev"


def replace_folder(target: Path, make: Callable[[Path], None], beside: Path | None = None) -> None:
    """``make`` a folder beside ``target`` and rename it there: under that name it is whole, or of last time.

    Args:
        beside: where it is made, on the same file system; ``<target>.new`` without it.
    """
    made = beside or target.with_name(f"{target.name}.new")
    old = made.with_name(f"{made.name}.old")
    for left in (made, old):
        shutil.rmtree(left, ignore_errors=True)
    made.parent.mkdir(parents=True, exist_ok=True)
    make(made)
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def bundled_pip() -> Path | None:
    """The pip wheel that came with Python: run from there it need not be installed first, which takes seconds.

    None where a distribution keeps it elsewhere.
    """
    folders = [Path(ensurepip.__file__).parent / "_bundled"]
    if elsewhere := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(elsewhere))
    return next((wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))), None)


@dataclass(frozen=True)
class Installer:
    """Each method is a step of ``make up``; it returns ``UNCHANGED`` when its inputs did not change."""

    settings: Settings

    def steps(self, *, with_tests: bool = True) -> list[Step]:
        """All installs in order of need; without the UI's tests and tools, what a running network needs."""
        localstack = [
            Step("venv-localstack", "Install LocalStack", self.localstack_venv, ("tools",)),
            Step("npm-kinesis", "Install LocalStack's Kinesis", self.localstack_kinesis),
        ]
        return [
            Step("tools", "Install uv", self.tools),
            Step("venv-emulator", "Install the emulator", self.emulator_venv, ("tools",)),
            Step("venv", "Install Python packages", self.project_venv, ("tools",)),
            Step("npm-cdk", "Install the CDK toolchain", self.cdk_toolchain),
            Step("npm-ui", "Install the UI's packages", functools.partial(self.ui_packages, with_tests=with_tests)),
            *([Step("npm-api", "Install what writes the UI's types", self.api_types)] if with_tests else []),
            *(localstack if self.settings.emulator == LOCALSTACK else ()),
        ]

    @property
    def uv(self) -> Path:
        return self.settings.tools / "bin" / "uv"

    def tools(self) -> str | None:
        """pip installs the pinned uv into its own environment."""
        lock = self.settings.root / "requirements" / "tools.txt"
        value = fingerprint([lock], INTERPRETER)
        if Stamp(self.settings.tools / _STAMP, value).is_current() and self.uv.exists():
            return UNCHANGED
        wheel = bundled_pip()

        def make(folder: Path) -> None:
            without = ["--without-pip"] if wheel else []
            self._run("tools", [sys.executable, "-m", "venv", *without, folder])
            pip: list[str | Path] = [wheel / "pip"] if wheel else ["-m", "pip"]
            python = folder / "bin" / "python"
            self._run("tools", [python, *pip, "install", "--quiet", "--require-hashes", "-r", lock])
            Stamp(folder / _STAMP, value).write()

        replace_folder(self.settings.tools, make)
        return None

    def project_venv(self) -> str | None:
        """CDK, local servers, tests and tools."""
        return self._venv(self.settings.venv, "project")

    def emulator_venv(self) -> str | None:
        """The emulator alone: its packages are seen by the Lambdas it runs."""
        return self._venv(self.settings.emulator_venv, "emulator")

    def localstack_venv(self) -> str | None:
        """LocalStack's own packages, by the one version of Python that its code is written for.

        Raises:
            StepFailed: this machine has no such Python.
        """
        python = pythons.find(LOCALSTACK_PYTHON)
        if python is None:
            raise StepFailed(
                f"EMULATOR=localstack needs Python {LOCALSTACK_PYTHON}, for which LocalStack is written, and there is "
                "none on this machine: install it, or use EMULATOR=ministack"
            )
        return self._venv(self.settings.localstack_venv, "localstack", python)

    def _venv(self, target: Path, name: str, interpreter: str = sys.executable) -> str | None:
        lock = self.settings.root / "requirements" / f"{name}.txt"
        value = fingerprint([lock], INTERPRETER if interpreter == sys.executable else interpreter)
        if Stamp(target / _STAMP, value).is_current() and (target / "bin" / "python").exists():
            return UNCHANGED

        def make(folder: Path) -> None:
            # Relocatable: its scripts find their Python beside themselves, so the folder may be renamed.
            new: list[str | Path] = [
                "venv",
                "--quiet",
                "--relocatable",
                "--no-project",
                "--python",
                interpreter,
                folder,
            ]
            self._run(f"venv-{name}", [self.uv, *new])
            python = folder / "bin" / "python"
            self._run(f"venv-{name}", [self.uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock])
            Stamp(folder / _STAMP, value).write()

        replace_folder(target, make)
        return None

    def cdk_toolchain(self) -> str | None:
        """aws-cdk and aws-cdk-local, pinned; a global ``cdk`` is never used."""
        return self._npm("npm-cdk", self.settings.root)

    def ui_packages(self, *, with_tests: bool = True) -> str | None:
        """What builds the UI, a third of what tests and checks it too. They are never removed again."""
        return self._npm("npm-ui", self._ui, with_tests=with_tests)

    def api_types(self) -> str | None:
        """openapi-typescript, apart from the UI: it needs another major version of TypeScript."""
        return self._npm("npm-api", self.settings.root / "tools" / "api-types")

    def localstack_kinesis(self) -> str | None:
        """LocalStack would download it when it needs it."""
        return self._npm("npm-kinesis", self.settings.root / "emulation" / "localstack" / "kinesis")

    def _npm(self, name: str, folder: Path, *, with_tests: bool = True) -> str | None:
        inputs = fingerprint([folder / "package.json", folder / "package-lock.json", folder / ".npmrc"])
        whole = Stamp(folder / "node_modules" / _STAMP, inputs)
        stamp = whole if with_tests else Stamp(whole.file, f"{inputs} {_OMITTED}")
        if whole.is_current() or stamp.is_current():
            return UNCHANGED
        stamp.clear()
        command: list[str | Path] = ["npm", "ci", *([] if with_tests else [_OMITTED])]
        self._run(name, [*command, "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        stamp.write()
        return None

    def ui_build(self) -> str | None:
        """Static files in ``frontend-static/dist``."""
        if self.is_ui_built():
            return UNCHANGED
        stamp = self._ui_stamp()
        stamp.clear()
        beside = self._ui / "node_modules" / ".asyncsns-dist"

        def make(folder: Path) -> None:
            self._run("ui-build", ["npm", "run", "build", "--", "--outDir", folder, "--emptyOutDir"], cwd=self._ui)

        replace_folder(self._ui / "dist", make, beside)
        stamp.write()
        return None

    def is_ui_built(self) -> bool:
        """Whether ``dist`` is of today's sources."""
        return self._ui_stamp().is_current() and (self._ui / "dist" / "index.html").exists()

    @property
    def _ui(self) -> Path:
        return self.settings.root / "frontend-static"

    def _ui_stamp(self) -> Stamp:
        """Not in ``dist``, which is uploaded as it is."""
        return Stamp(self.settings.home / "stamps" / "ui-build", fingerprint([self._ui]))

    def _run(self, name: str, command: list[str | Path], cwd: Path | None = None) -> None:
        log = self.settings.logs / f"install-{name}.log"
        shell.run(command, cwd=cwd or self.settings.root, log=log, umask=usual_umask())
