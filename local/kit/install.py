"""Installs from lock files only: uv by pip, two environments by uv, node_modules by npm; the UI's build."""

from __future__ import annotations

import ensurepip
import shutil
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from local.kit import shell
from local.kit.stamps import Stamp, fingerprint
from local.kit.steps import UNCHANGED, Step
from local.private import usual_umask
from local.settings import Settings

#: Environments are made anew for another interpreter: compiled packages fit only one.
_INTERPRETER = f"{sys.executable} {sys.version}"


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

    def steps(self) -> list[Step]:
        """All installs in order of need."""
        return [
            Step("tools", "Install uv", self.tools),
            Step("venv-emulator", "Install the emulator", self.emulator_venv, ("tools",)),
            Step("venv", "Install Python packages", self.project_venv, ("tools",)),
            Step("npm-cdk", "Install the CDK toolchain", self.cdk_toolchain),
            Step("npm-ui", "Install the UI's packages", self.ui_packages),
        ]

    @property
    def uv(self) -> Path:
        return self.settings.tools / "bin" / "uv"

    def tools(self) -> str | None:
        """pip installs the pinned uv into its own environment."""
        lock = self.settings.root / "requirements" / "tools.txt"
        stamp = self._stamp("tools", fingerprint([lock], _INTERPRETER))
        if stamp.is_current() and self.uv.exists():
            return UNCHANGED
        stamp.clear()
        wheel = bundled_pip()
        venv.create(self.settings.tools, clear=True, with_pip=wheel is None)
        python = self.settings.tools / "bin" / "python"
        pip: list[str | Path] = [wheel / "pip"] if wheel else ["-m", "pip"]
        self._run("tools", [python, *pip, "install", "--quiet", "--require-hashes", "-r", lock])
        stamp.write()
        return None

    def project_venv(self) -> str | None:
        """CDK, local servers, tests and tools."""
        return self._venv(self.settings.venv, "project")

    def emulator_venv(self) -> str | None:
        """The emulator alone: its packages are seen by the Lambdas it runs."""
        return self._venv(self.settings.emulator_venv, "emulator")

    def _venv(self, target: Path, name: str) -> str | None:
        lock = self.settings.root / "requirements" / f"{name}.txt"
        stamp = self._stamp(f"venv-{name}", fingerprint([lock], _INTERPRETER))
        python = target / "bin" / "python"
        if stamp.is_current() and python.exists():
            return UNCHANGED
        stamp.clear()
        made_for = Stamp(target / "made-for", fingerprint([], _INTERPRETER))
        if not made_for.is_current():
            shutil.rmtree(target, ignore_errors=True)
            self._run(f"venv-{name}", [self.uv, "venv", "--quiet", "--python", sys.executable, target])
            made_for.write()
        self._run(f"venv-{name}", [self.uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock])
        stamp.write()
        return None

    def cdk_toolchain(self) -> str | None:
        """aws-cdk and aws-cdk-local, pinned; a global ``cdk`` is never used."""
        return self._npm("npm-cdk", self.settings.root)

    def ui_packages(self) -> str | None:
        return self._npm("npm-ui", self._ui)

    def _npm(self, name: str, folder: Path) -> str | None:
        stamp = self._stamp(
            name, fingerprint([folder / "package.json", folder / "package-lock.json", folder / ".npmrc"])
        )
        if stamp.is_current() and (folder / "node_modules").is_dir():
            return UNCHANGED
        stamp.clear()
        self._run(name, ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        stamp.write()
        return None

    def ui_build(self) -> str | None:
        """Static files in ``frontend-static/dist``."""
        if self.is_ui_built():
            return UNCHANGED
        stamp = self._ui_stamp()
        stamp.clear()
        self._run("ui-build", ["npm", "run", "build"], cwd=self._ui)
        stamp.write()
        return None

    def is_ui_built(self) -> bool:
        """Whether ``dist`` is of today's sources."""
        return self._ui_stamp().is_current() and (self._ui / "dist" / "index.html").exists()

    @property
    def _ui(self) -> Path:
        return self.settings.root / "frontend-static"

    def _ui_stamp(self) -> Stamp:
        return self._stamp("ui-build", fingerprint([self._ui]))

    def _stamp(self, name: str, value: str) -> Stamp:
        return Stamp(self.settings.home / "stamps" / name, value)

    def _run(self, name: str, command: list[str | Path], cwd: Path | None = None) -> None:
        log = self.settings.logs / f"install-{name}.log"
        shell.run(command, cwd=cwd or self.settings.root, log=log, umask=usual_umask())
