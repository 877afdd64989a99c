"""`make doctor`: everything one would ask for in a bug report, on one page."""

from __future__ import annotations

import platform
import shutil
import sys

from kit import console, preflight, shell
from kit.settings import Settings
from kit.supervisor import client


def doctor(settings: Settings) -> int:
    """Print the state of the machine and of the kit; 0 when nothing is wrong."""
    facts = {
        "system": platform.platform(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "node": shell.capture(["node", "--version"]) or "missing",
        "npm": shell.capture(["npm", "--version"]) or "missing",
        "cdk": shell.capture([str(settings.root / "node_modules" / ".bin" / "cdk"), "--version"])
        or "not installed yet",
        "free disk": console.human_bytes(shutil.disk_usage(settings.root).free),
        "port offset": str(settings.port_offset),
        "supervisor": "running" if client.is_running(settings) else "not running",
    }
    for name, value in facts.items():
        console.say(f"  {name:<12} {value}")
    troubled = [status for status in client.statuses(settings).values() if status.state not in ("running", "stopped")]
    found = preflight.problems(settings) + [f"{s.name} is {s.state}: {s.reason or 'no reason known'}" for s in troubled]
    for problem in found:
        console.say(f"{console.red('✗')} {problem}")
    if not found:
        console.say(f"{console.green('✓')} nothing wrong")
    return 1 if found else 0
