"""The media server, for all tests of a module."""

from tests.contract.sfu.media_server import running

__all__ = ["running"]
