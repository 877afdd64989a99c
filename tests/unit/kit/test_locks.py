"""Every command that changes the network takes the checkout's lock."""

from __future__ import annotations

import pytest

from kit.settings import checkout_root


@pytest.mark.parametrize("module", ["kit.up", "kit.__main__", "kit.deploy.__main__", "kit.seed.__main__"])
def test_every_command_that_changes_the_network_takes_the_lock(module: str) -> None:
    source = checkout_root().joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8")
    assert "locks.exclusive(" in source
