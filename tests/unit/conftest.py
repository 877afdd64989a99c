"""Fixtures of the unit tests: ``fresh`` gives ``services`` a real emulator to talk to."""

from tests.support.aws import aws, fresh

__all__ = ["aws", "fresh"]
