"""Failure drills as commands. Each injects a failure from outside, prints expected and observed behaviour, and
restores.

Injected are signals to processes, the fault seam of the emulator host (``emulation/emulator/faults.py``), the edge's
``/_fault``, and ordinary calls of the APIs; nothing in ``services/`` knows of drills. One module per drill; ``make
drill``
lists them, ``docs/drills/`` has a page for each.
"""
