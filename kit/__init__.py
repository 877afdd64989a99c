"""Commands that start, deploy, seed, inspect and repair the network.

What `make up`, `down`, `status`, `logs`, `reset` and `doctor` import is standard library only: they run before anything
is installed.
"""
