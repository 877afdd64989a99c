"""Figures of this tree, measured by a command: ``make bench`` prints a table and writes JSON. Never a test."""
