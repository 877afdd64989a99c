"""The emulator host: MiniStack inside a process of ours that keeps its state safe and its Lambdas light.

Runs in a virtual environment of its own (``requirements/emulator.txt``); imports only the standard library,
``emulation.settings`` and what that environment holds. ``capabilities`` alone is for every environment.
"""
