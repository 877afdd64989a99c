"""Runs in the workspace, with mutmut: writes all mutants of each function beside it, into copies of the files."""

from __future__ import annotations

import sys
from pathlib import Path

from mutmut.__main__ import create_mutants
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

from emulation.private import keep_private


def main(children: int) -> None:
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(children)


if __name__ == "__main__":
    keep_private()
    main(int(sys.argv[1]))
