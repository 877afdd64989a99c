"""``python -m emulation.localstack``: LocalStack 4.14.0 with its companion's plugins, until SIGTERM.

Run it by the Python of LocalStack's own environment (``requirements/localstack.txt``, Python 3.13).
"""

from __future__ import annotations

import sys

from emulation.localstack.family import Family
from emulation.localstack.host import environment, prepare
from emulation.private import keep_private
from emulation.settings import Settings


def main() -> int:
    keep_private()
    settings = Settings()
    return Family([sys.executable, "-m", "localstack.runtime.main"], environment(settings, prepare(settings))).run()


if __name__ == "__main__":
    sys.exit(main())
