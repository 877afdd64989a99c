"""``make check-templates``: runs third-party linters over the templates for AWS and the workflows. Needs no account.

Exit code: 0 every finding is accepted with a reason; 1 one is not, an acceptance has no finding any more, or a tool
gave no answer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from emulation.private import keep_private
from kit.deploy.synth import AWS, synthesize
from kit.settings import Settings
from kit.stamps import Stamp, fingerprint
from kit.template_checks.accepted import ACCEPTED
from kit.template_checks.finding import Accepted, Finding
from kit.template_checks.tools import TOOLS, WORKFLOWS, ToolFailed


def problems(findings: Iterable[Finding], accepted: Iterable[Accepted]) -> list[str]:
    """Findings without a reason, and reasons without a finding."""
    found, reasons = sorted(set(findings)), list(accepted)
    unexplained = [str(one) for one in found if not any(reason.covers(one) for reason in reasons)]
    unused = [
        f"{one.tool} {one.rule} {one.place}: accepted, but nothing is found there any more"
        for one in reasons
        if not any(one.covers(found_one) for found_one in found)
    ]
    return unexplained + unused


def main() -> int:
    keep_private()
    settings = Settings.load()
    folder = synthesize(settings, AWS)
    stamp = Stamp(settings.home / "stamps" / "check-templates", _fingerprint(settings, folder))
    if stamp.is_current():
        print("check-templates: unchanged")
        return 0
    programs = settings.home / "venv-template-checks" / "bin"
    try:
        with ThreadPoolExecutor() as pool:
            answers = pool.map(lambda tool: list(tool(programs, folder)), TOOLS.values())
            findings = [one for answer in answers for one in answer]
    except ToolFailed as error:
        print(f"check-templates: {error}", file=sys.stderr)
        return 1
    wrong = problems(findings, ACCEPTED)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{', '.join(TOOLS)}: {len(set(findings))} findings, {len(ACCEPTED)} accepted reasons, {len(wrong)} problems")
    if not wrong:
        stamp.write()
    return 1 if wrong else 0


def _fingerprint(settings: Settings, folder: Path) -> str:
    lock = settings.root / "requirements" / "template-checks.txt"
    return fingerprint([*folder.glob("*.template.json"), lock, WORKFLOWS, Path(__file__).parent])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode or 1)
