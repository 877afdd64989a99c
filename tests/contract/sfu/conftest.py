"""Fixtures of the media server, shared by a module's tests."""

from tests.contract.sfu.media_server import running

__all__ = ["running"]
