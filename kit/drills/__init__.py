"""Failures as commands. Each drill injects one from outside, says what it expected and what it saw, and restores.

Injected are signals to processes, the fault seam of the emulator host (``emulation/emulator/faults.py``), the edge's
``/_fault``, and ordinary calls of the APIs; nothing in ``services/`` knows of drills. One module per drill; ``make
drill``
lists them, ``docs/drills/`` has a page for each.
"""
