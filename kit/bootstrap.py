"""`make up`, `make install` and the short commands (`kit status`): find a Python that is new enough, then hand over.

This file keeps to syntax that old Pythons read, so that they say what is missing instead of failing on it.
"""

import os
import shutil
import sys

LEAST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")


def main():  # type: () -> int
    """Exit code of the command: 0 when everything answers."""
    if sys.version_info < LEAST:
        return _with_newer_python()
    if sys.argv[1:2] == ["kit"]:
        from kit.__main__ import main as command

        return command(sys.argv[2:])
    from kit.up import install, up

    return install() if sys.argv[1:] == ["install"] else up()


def _with_newer_python():  # type: () -> int
    for name in NAMES:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-m", "kit.bootstrap"] + sys.argv[1:])  # noqa: RUF005, S606
    version = ".".join(str(part) for part in sys.version_info[:3])
    sys.stderr.write(
        "Python 3.11 or newer is needed, this is " + version + ".\n"
        "  macOS: brew install python@3.13   Debian/Ubuntu: apt-get install python3 python3-venv\n"
        "  elsewhere: python.org/downloads; then `make up PYTHON=/path/to/python3`\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
