"""The network between two peers of a call on one machine, which can be cut.

Each real address is reached through a port of ours, and what comes back goes through the port that stands for its
sender, as with two NATs (RFC 4787).
"""

from __future__ import annotations

import selectors
import socket
import threading
from typing import Any, Self

Address = tuple[str, int]
_HOST = "127.0.0.1"
_DATAGRAM = 65_535
_BUFFER = 1 << 20
#: Makes each candidate of the other side one of this network, before the browser sees it, and leaves out those that
#: would be a way around it (TCP, IPv6, relays). `udpPath` asks `UdpPath.via`.
REDIRECT = """() => {
  const redirected = async (text) => {
    const part = text.split(' ');
    const isRelay = part[part.indexOf('typ') + 1] === 'relay';
    if (part[2]?.toLowerCase() !== 'udp' || part[4].includes(':') || isRelay) return null;
    part[5] = String(await window.udpPath(part[4], Number(part[5])));
    part[4] = '127.0.0.1';
    return part.join(' ');
  };
  const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addIceCandidate = async function (given) {
    const candidate = given?.candidate ? await redirected(given.candidate) : '';
    if (candidate !== null) await addIceCandidate.call(this, { ...given, candidate });
  };
  RTCPeerConnection.prototype.setRemoteDescription = async function ({ type, sdp }) {
    const lines = [];
    for (const line of sdp.split('\\r\\n')) {
      const candidate = line.startsWith('a=candidate') ? await redirected(line) : line;
      if (candidate !== null) lines.push(candidate);
    }
    await setRemoteDescription.call(this, { type, sdp: lines.join('\\r\\n') });
  };
}"""


class UdpPath:
    """One port for each real address that was named or has sent something; ``close`` closes all."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._ports: dict[Address, socket.socket] = {}
        self._dead: set[Address] = set()
        self._is_down = False
        self._is_over = False
        #: Datagrams that the cuts have swallowed.
        self.lost = 0
        self._thread = threading.Thread(target=self._carry, name="udp-path", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def via(self, host: str, port: int) -> int:
        """The port that leads to a real address."""
        return int(self._port_of((host, port)).getsockname()[1])

    def break_for_good(self) -> None:
        """Nothing goes to or from the addresses that are known now; those that come later work: another network."""
        with self._lock:
            self._dead = set(self._ports)

    def take_down(self) -> None:
        """Nothing goes anywhere until ``bring_up``: a tunnel."""
        self._is_down = True

    def bring_up(self) -> None:
        self._is_down = False

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        for one in self._ports.values():
            one.close()
        self._selector.close()

    def _port_of(self, real: Address) -> socket.socket:
        with self._lock:
            if real not in self._ports:
                made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
                made.setblocking(False)
                made.bind((_HOST, 0))
                self._ports[real] = made
                self._selector.register(made, selectors.EVENT_READ, real)
            return self._ports[real]

    def _carry(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select(timeout=0.05):
                self._carry_from(key.fileobj, key.data)

    def _carry_from(self, port: Any, to: Address) -> None:
        while True:
            try:
                content, sender = port.recvfrom(_DATAGRAM)
            except OSError:
                return  # Nothing more, or the receiver of what was sent before has closed its port.
            answer_from = self._port_of(sender)
            if self._is_down or not self._dead.isdisjoint((sender, to)):
                self.lost += 1
                continue
            try:
                answer_from.sendto(content, to)
            except OSError:
                continue  # As on any network: lost.
