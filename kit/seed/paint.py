"""``python -m kit.seed.paint``: make the seed's files beforehand."""

from __future__ import annotations

import sys

from emulation.private import keep_private
from kit.seed import files


def main() -> int:
    keep_private()
    print(f"{files.leave(files.folder())} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
