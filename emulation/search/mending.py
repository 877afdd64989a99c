"""Moves a damaged store aside, so that the engine starts empty: its documents can be made again from the tables.

The file ``REFILL`` says that the indices are to be filled again. `make up` and `make reindex` fill them and remove it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from emulation import mended
from emulation.damage import DamagedStateError, NewerStateError
from emulation.search.store import DERIVED, require_whole

log = logging.getLogger("emulation.search")

REFILL = "refill"


def make_whole(path: Path) -> None:
    """Before the engine opens its store.

    Raises:
        NewerStateError: a newer version wrote the store.
    """
    try:
        require_whole(path)
    except NewerStateError:
        raise
    except DamagedStateError as error:
        # First of all: killed after the next lines, the engine would begin empty and nobody would know.
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / REFILL).touch()
        kept = [str(mended.set_aside(one, path.parent)) for one in _parts(path) if os.path.lexists(one)]
        done = (
            "The indices begin empty; `make up` or `make reindex` fills them from posts and profiles. "
            f"Kept: {', '.join(kept)}. Nothing is lost"
        )
        log.error("%s", mended.note(path.parent, f"{path} was damaged: {error.found}. {done}."))
        require_whole(path)


def _parts(path: Path) -> list[Path]:
    """Move the store last: without it, the remaining files count as damage again."""
    return [path.with_name(DERIVED), *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm")), path]
