"""``make audit``: known vulnerabilities, secrets in the tree, licences. Reports which data could not be looked up.

Exit code: 0 nothing found; 1 something was found; 2 nothing was found, but some data could not be reached.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from emulation.private import keep_private
from kit.settings import checkout_root

_ROOT = checkout_root()
_TOOLS = _ROOT / ".asyncsns" / "venv-audit" / "bin"
_NPM_FOLDERS = ("", "frontend-static", "tools/api-types", "emulation/localstack/kinesis")
#: Licences that ask for the source of what is built on them, as they are named in packages' metadata.
_COPYLEFT = ("AGPL", "GPL-2", "GPL-3", "GPLv2", "GPLv3", "GNU General Public", "SSPL")
_LESSER = ("LGPL", "Lesser", "Library or Lesser")
#: Patterns with a form of their own; what only looks random is mostly a hash of a lock file.
_NOISY = ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "BasicAuthDetector", "IPPublicDetector")
#: Where keys of no value stand, for tests and documents of AWS's own examples.
_EXAMPLES = ("tests/", "docs/", "requirements/", "frontend-static/src/i18n/")


@dataclass
class Report:
    """``found``: one line each; ``unreached``: why data is missing; ``checked``: how many things were looked at."""

    name: str
    checked: int = 0
    found: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)


def python_vulnerabilities(requirements: Sequence[Path]) -> Report:
    """Run pip-audit over each lock file separately, because it allows each package once. It skips packages that PyPI
    does not answer for: here they count as unreached."""
    report = Report("Python packages (pip-audit, PyPI advisories)")
    packages: dict[tuple[str, str | None], dict[str, Any]] = {}
    for path in requirements:
        command = [str(_TOOLS / "pip-audit"), "-r", str(path), "--require-hashes", "--disable-pip", "-f", "json"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            packages |= {(one["name"], one.get("version")): one for one in json.loads(answer.stdout)["dependencies"]}
        except (ValueError, KeyError):
            reason = (answer.stderr.strip() or "pip-audit gave no answer").splitlines()[-1][:160]
            report.unreached.append(f"{path.name}: {reason}")
    read_pip_audit(report, list(packages.values()))
    return report


def read_pip_audit(report: Report, packages: Sequence[dict[str, Any]]) -> None:
    """Add pip-audit's findings."""
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if skipped:
        report.unreached.append(f"no advisories for {len(skipped)} of {len(packages)} packages")
    for one in packages:
        report.checked += "skip_reason" not in one
        report.found += [f"{one['name']} {one['version']}: {it['id']}" for it in one.get("vulns", ())]


def npm_vulnerabilities(folder: str) -> Report:
    """npm audit over one lock file."""
    report = Report(f"npm packages of {folder or 'the root'} (npm audit)")
    answer = subprocess.run(["npm", "audit", "--json"], cwd=_ROOT / folder, capture_output=True, text=True, check=False)
    read_npm_audit(report, answer.stdout)
    return report


def read_npm_audit(report: Report, text: str) -> None:
    """Add npm's findings; an error document means that the registry did not answer the audit."""
    try:
        document = json.loads(text)
    except ValueError:
        document = {"message": "npm gave no JSON"}
    if "vulnerabilities" not in document:
        reason = document.get("message") or document.get("error", {}).get("summary") or "no answer"
        report.unreached.append(str(reason).split(" - ")[0][:160])
        return
    report.checked += int(document["metadata"]["dependencies"]["total"])
    report.found += [f"{name}: {one['severity']}" for name, one in document["vulnerabilities"].items()]


def secrets() -> Report:
    """detect-secrets over the files that git knows: keys and tokens that have a form of their own. Nothing is sent."""
    report = Report("Secrets in the tree (detect-secrets)")
    listed = subprocess.run(["git", "ls-files"], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    files = [one for one in listed.splitlines() if not one.startswith(_EXAMPLES)]
    plugins = [word for name in _NOISY for word in ("--disable-plugin", name)]
    command = [str(_TOOLS / "detect-secrets"), "scan", "--no-verify", *plugins, *files]
    answer = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    report.checked = len(files)
    if answer.returncode:
        report.unreached.append(answer.stderr.strip()[-160:])
        return report
    for path, places in json.loads(answer.stdout)["results"].items():
        report.found += [f"{path}:{one['line_number']}: {one['type']}" for one in places]
    return report


def licences() -> Report:
    """Check installed packages for strong copyleft licences, and for packages that name no licence."""
    report = Report("Licences of installed packages")
    for one in metadata.distributions():
        report.checked += 1
        if fault := licence_fault(one.metadata["Name"], _named(one)):
            report.found.append(fault)
    for folder in _NPM_FOLDERS:
        modules = _ROOT / folder / "node_modules"
        for path in (*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")):
            document = json.loads(path.read_text("utf-8"))
            report.checked += 1
            if fault := licence_fault(str(document.get("name")), str(document.get("license", ""))):
                report.found.append(fault)
    return report


def _named(one: metadata.Distribution) -> str:
    fields = ("License-Expression", "License", "Classifier")
    values = [value[:80] for field in fields for value in one.metadata.get_all(field) or []]
    return " ".join(value for value in values if not value.startswith(("Topic", "Programming", "Operating")))


def licence_fault(name: str, licence: str) -> str | None:
    """The problem of a licence; ``None`` without one. A choice with a permissive licence in it is accepted."""
    is_free = " OR " in licence or any(word in licence for word in _LESSER)
    return f"{name}: {licence.strip()[:80]}" if any(word in licence for word in _COPYLEFT) and not is_free else None


def main() -> int:
    """Exit code: 0 nothing found, 1 found, 2 not all data was reached."""
    keep_private()
    # LocalStack's ends with its last release that needs no token: nothing in it can be renewed.
    locks = sorted(one for one in (_ROOT / "requirements").glob("*.txt") if one.stem != "localstack")
    reports = [python_vulnerabilities(locks), *map(npm_vulnerabilities, _NPM_FOLDERS), secrets(), licences()]
    for one in reports:
        state = "FOUND" if one.found else "NOT REACHED" if one.unreached else "nothing found"
        sys.stdout.write(f"{one.name}: {state}; looked at {one.checked}\n")
        for line in (*one.found, *(f"not reached: {why}" for why in one.unreached)):
            sys.stdout.write(f"  {line}\n")
    if any(one.found for one in reports):
        return 1
    return 2 if any(one.unreached for one in reports) else 0


if __name__ == "__main__":
    raise SystemExit(main())
