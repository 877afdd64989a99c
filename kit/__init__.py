"""The commands of the kit (up, down, status, logs, reset, doctor).

Standard library only: they run before anything is installed.
"""
