"""The UDP path of the bench and the tests, which can be cut, between two sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from kit.client.api import wait_for
from loadtests.bench.udp_path import UdpPath


@pytest.fixture
def path() -> Iterator[UdpPath]:
    with UdpPath() as made:
        yield made


def peer() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(5)
    return made


def test_datagrams_pass_both_ways_until_the_path_is_cut(path: UdpPath) -> None:
    with peer() as one, peer() as two, peer() as later:
        to_two = ("127.0.0.1", path.via(*two.getsockname()))
        one.sendto(b"hello", to_two)
        content, sender = two.recvfrom(100)
        assert (content, sender[1]) == (b"hello", path.via(*one.getsockname()))
        two.sendto(b"good day", sender)
        assert one.recvfrom(100) == (b"good day", to_two)
        path.take_down()
        one.sendto(b"lost", to_two)
        wait_for(lambda: path.lost, until=lambda lost: lost == 1, what="a lost datagram")
        path.bring_up()
        path.break_for_good()
        one.sendto(b"lost too", to_two)
        to_later = ("127.0.0.1", path.via(*later.getsockname()))
        one.sendto(b"lost, because of its sender", to_later)
        with peer() as three:
            three.sendto(b"by another network", to_later)
            assert later.recvfrom(100)[0] == b"by another network"
        wait_for(lambda: path.lost, until=lambda lost: lost == 3, what="three lost datagrams")
        two.setblocking(False)
        with pytest.raises(BlockingIOError):
            two.recvfrom(100)
