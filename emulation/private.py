"""Files of servers are readable only for their user: they hold keys, tokens, mails and items of the network.

Files are made with 0600 and folders with 0700, because every program begins with ``keep_private``.
Standard library only.
"""

from __future__ import annotations

import os

#: The rights of the group and of all others, which are taken away.
UMASK = 0o077
_usual = -1


def keep_private() -> None:
    """From now on this process, and what it starts, makes files and folders for its user alone."""
    global _usual
    before = os.umask(UMASK)
    if _usual < 0:
        _usual = before


def usual_umask() -> int:
    """The user's own, for what need not be private (``subprocess``: -1 leaves it as it is)."""
    return _usual
