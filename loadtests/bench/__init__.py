"""Benchmarks of this tree: ``make bench`` prints a table and writes JSON. Never a test."""
