"""The bench without a network to measure."""

from __future__ import annotations

import socket

import pytest

from loadtests.bench.people import NotUpError, require_network


def test_a_network_that_does_not_answer_is_named_with_what_starts_it() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(NotUpError, match=f"{url} does not answer .*; `make up` starts the network"):
            require_network(url)
