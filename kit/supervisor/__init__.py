"""Keeps local processes alive: starts them in order of dependency, restarts them when they die or hang, stops all on
SIGTERM.

Children write straight to their log files and live in sessions of their own, so they outlast a killed
supervisor; the next one (started by the watchdog, or by ``make up``) adopts them by their records in
``.asyncsns/run``. Standard library only.
"""
