"""Calls that exist on one system only are in one module, with both branches side by side; all else is portable."""

from __future__ import annotations

import re

import pytest

from kit.settings import checkout_root

#: kit/system.py has the branches of the kit and the load tests. The others cannot import it: servers of the emulation
#: do not depend on the kit, and the functions' runtime is a program without any package of ours. Each skips or replaces
#: the call where it is missing. The drill's function uses ``ps`` options that both systems answer alike.
_MAY = {
    "kit/system.py", "emulation/search/memory.py", "emulation/emulator/lambdas/runtime.py",
    "emulation/emulator/lambdas/templates.py", "emulation/preload.py", "kit/drills/function_leaks.py",
}  # fmt: skip
_ONLY_SOMEWHERE = re.compile(
    r"[\"'/(]/?proc/(self|net|sys|\{)|Path\(\"/proc|\bprctl\b|sys\.platform|platform\.system\(|sys\.getwindowsversion"
    r"|\binotify|os\.(pidfd_|splice|memfd_|posix_fadvise|sched_setaffinity)|\[\"(ps|lsof)\""
)


def test_calls_specific_to_one_system_are_in_one_module() -> None:
    root = checkout_root()
    files = [file for folder in ("emulation", "kit", "loadtests", "infra") for file in (root / folder).rglob("*.py")]
    found = {
        str(file.relative_to(root))
        for file in files
        if "__pycache__" not in file.parts and _ONLY_SOMEWHERE.search(file.read_text("utf-8"))
    }
    assert found <= _MAY, f"only {sorted(_MAY)} may call functions specific to one system: {sorted(found - _MAY)}"
    assert "kit/system.py" in found, "nothing found: the test looks for the wrong thing"


@pytest.mark.parametrize("file", ["Makefile", ".ci/run"])
def test_commands_use_no_options_specific_to_one_system(file: str) -> None:
    """GNU's ``sed -i``, ``readlink -f``, ``grep -P``, ``xargs -r``, ``date -d``, ``stat -c`` differ on macOS."""
    text = (checkout_root() / file).read_text("utf-8")
    assert re.findall(r"sed -i\b|readlink -f|grep -\w*P|xargs -r|date -d|stat -c|mktemp --", text) == []
